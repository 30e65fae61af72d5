"""RFC 3464 fields as mail systems really write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.mail.delivery_status import RecipientStatus, read_statuses

ANNA = "anna@client.example"


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        (f"Final-Recipient: rfc822; {ANNA}\nAction: failed\nStatus: 5.1.1", [RecipientStatus("failed", ANNA)]),
        (f"Final-Recipient: RFC822;<{ANNA.upper()}>\nAction: FAILED", [RecipientStatus("failed", ANNA)]),
        (f"Action: failed (bad address)\nFinal-Recipient: {ANNA}", [RecipientStatus("failed", ANNA)]),
        (f"Final-Recipient: rfc822;\n {ANNA}\nAction: failed", [RecipientStatus("failed", ANNA)]),
        (f"Final-Recipient: rfc822; {ANNA} (Anna)\nAction: delayed", [RecipientStatus("delayed", ANNA)]),
        (f"Final-Recipient: rfc822; {ANNA}\nAction: delivered\nStatus: 5.0.0", [RecipientStatus("done", ANNA)]),
        (f"Final-Recipient: rfc822; {ANNA}\nAction: relayed", [RecipientStatus("done", ANNA)]),
        (f"Final-Recipient: rfc822; {ANNA}\nAction: expanded", [RecipientStatus("done", ANNA)]),
        # without an action the class of the status decides
        (f"Final-Recipient: rfc822; {ANNA}\nStatus: 5.2.2", [RecipientStatus("failed", ANNA)]),
        (f"Final-Recipient: rfc822; {ANNA}\nStatus: 4.4.7", [RecipientStatus("delayed", ANNA)]),
        (f"Final-Recipient: rfc822; {ANNA}", []),
        ("Action: failed\nStatus: 5.0.0", []),
        # the address that the sender wrote goes first
        (
            f"Original-Recipient: rfc822;{ANNA}\nFinal-Recipient: rfc822;a.b@gmail.example\nAction: failed",
            [RecipientStatus("failed", ANNA, "a.b@gmail.example")],
        ),
        (
            f"Original-Recipient: rfc822;unknown\nFinal-Recipient: rfc822;{ANNA}\nAction: failed",
            [RecipientStatus("failed", ANNA)],
        ),
        ("Final-Recipient: rfc822;|/usr/bin/filter anna@x.example\nAction: failed", [RecipientStatus("failed", "")]),
        # a diagnosis that is not folded, fields in another order, groups without blank lines
        (
            f"Diagnostic-Code: smtp; 550-Relaying\n550 denied\nAction: failed\nFinal-Recipient: rfc822; {ANNA}",
            [RecipientStatus("failed", ANNA)],
        ),
        (
            f"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; {ANNA}\nAction: failed\n"
            "Final-Recipient: rfc822; b@client.example\nAction: delayed\n\n"
            "Action: failed\n\nFinal-Recipient: rfc822; c@client.example",
            [
                RecipientStatus("failed", ANNA),
                RecipientStatus("delayed", "b@client.example"),
                RecipientStatus("failed", "c@client.example"),
            ],
        ),
    ],
)
def test_groups(text: str, statuses: list[RecipientStatus]) -> None:
    assert read_statuses(text) == statuses


@given(st.text(alphabet="finalrecptoga-:; \n@.<>5", max_size=300))
def test_any_text_is_read(text: str) -> None:
    for status in read_statuses(f"Final-Recipient: {text}\nAction: failed\n{text}"):
        assert status.address == "" or "@" in status.address
