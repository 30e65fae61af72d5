"""A forged bounce marks nobody; a true one says what was sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tasks.rules.mail.parsed import DeliveryReport, FeedbackReport
from tasks.rules.mail.surroundings import AnsweredMessage
from tasks.rules.mail.undeliverable import (
    RECENTLY,
    ReportedAddress,
    SentMessage,
    complained_addresses,
    failed_addresses,
)

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
ANNA, BORIS = "anna@client.example", "boris@client.example"
NAMED = AnsweredMessage(7, "Anna@client.example", "contact:3", "deal", 5, None)


def failed(*addresses: str, also: tuple[str, ...] = ()) -> DeliveryReport:
    return DeliveryReport(addresses, also=also, outcome="failed")


@pytest.mark.parametrize(
    ("report", "named", "sent_ago", "expected"),
    [
        # the Message-ID, which only its recipient was told, and its recipient
        (failed(ANNA), [NAMED], None, [ReportedAddress(ANNA, (7,))]),
        (failed("ANNA+x@client.example"), [NAMED], None, [ReportedAddress(ANNA, (7,))]),
        # the recipient's mail goes on to another address, which fails: both names are known, or only the stranger's
        (failed(BORIS, also=(ANNA,)), [NAMED], None, [ReportedAddress(BORIS), ReportedAddress(ANNA, (7,))]),
        (failed(BORIS), [NAMED], None, [ReportedAddress(BORIS)]),
        # no address: every message of ours has one recipient
        (failed(), [NAMED], None, [ReportedAddress(ANNA, (7,))]),
        (failed(), [], None, []),
        # no Message-ID: sent lately, long ago, or after the report
        (failed(ANNA), [], timedelta(days=1), [ReportedAddress(ANNA, (4,))]),
        (failed(ANNA), [], RECENTLY + timedelta(seconds=1), [ReportedAddress(ANNA)]),
        (failed(ANNA), [], -timedelta(seconds=1), [ReportedAddress(ANNA)]),
        (failed(BORIS), [], timedelta(days=1), [ReportedAddress(BORIS)]),
        # late is no failure
        (DeliveryReport(late=(ANNA,), outcome="late"), [NAMED], None, []),
    ],
)
def test_who_is_really_unreachable(
    report: DeliveryReport,
    named: list[AnsweredMessage],
    sent_ago: timedelta | None,
    expected: list[ReportedAddress],
) -> None:
    sent = [SentMessage(4, ANNA, NOW - sent_ago)] if sent_ago is not None else []
    found = failed_addresses(report, named, sent, NOW)
    assert list(found) == expected
    assert [one.is_proven for one in found] == [bool(one.outbox_ids) for one in expected]


def test_who_complained_is_known_by_address_or_by_message() -> None:
    assert complained_addresses(FeedbackReport("abuse", (ANNA,)), [], [], NOW) == (ReportedAddress(ANNA),)
    assert complained_addresses(FeedbackReport("abuse"), [NAMED], [], NOW) == (ReportedAddress(ANNA, (7,)),)
