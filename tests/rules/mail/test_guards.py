"""Each guard by itself: complaints, our own domain under a stranger's hand, claims, and what a person overrules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasks.rules.mail.guards.own_mail import own_message
from tasks.rules.mail.guards.senders import sender
from tasks.rules.mail.parsed import FeedbackReport, ParsedMail
from tasks.rules.mail.server_verdict import own_domain_standing
from tasks.rules.mail.settlement import claimed_item, letter_of, wants_lead
from tasks.rules.mail.surroundings import AnsweredMessage, NamedItem, Surroundings, numbers_in
from tasks.rules.mail.verdict import classify

OURS = "mx.north-service.example"
DOMAIN = "north-service.example"
MAIL = ParsedMail("<a@example.com>", "petr@example.com", "Пётр", "Насос", "Добрый день")
OLGA = replace(MAIL, from_address=f"olga@{DOMAIN}")
AROUND = Surroundings(frozenset({f"office@{DOMAIN}"}), DOMAIN, (OURS,))
STAFF = replace(AROUND, person_id=1)
ANSWERED = AnsweredMessage(7, f"olga@{DOMAIN}", "person:1", "deal", 5, None)
NAMED = NamedItem("deal", 9, "D-000009")
HOP = ("received", f"from a.example by {OURS} with ESMTPS; x")
SIGNED_IN = ("received", f"from laptop by {OURS} with ESMTPSA id 1; x")
FOREIGN = ("received", "from x by mx.evil.example with ESMTPSA; x")


def result(text: str, host: str = OURS) -> tuple[str, str]:
    return ("authentication-results", f"{host}; {text}")


@pytest.mark.parametrize(
    ("headers", "standing"),
    [
        ((), "unknown"),
        ((HOP,), "unknown"),
        ((result(f"dmarc=pass header.from={DOMAIN}"), HOP), "vouched"),
        ((result(f"spf=pass smtp.mailfrom=olga@{DOMAIN}"), HOP), "vouched"),
        ((result(f"dkim=pass header.d={DOMAIN}"), HOP), "vouched"),
        ((result(f"dkim=pass (2048) header.i=@mail.{DOMAIN}"), HOP), "vouched"),
        ((SIGNED_IN,), "vouched"),
        # passed, but for somebody else's domain
        ((result("spf=pass smtp.mailfrom=x@evil.example; dkim=pass header.d=evil.example"), HOP), "unknown"),
        ((result(f"spf=pass smtp.mailfrom=x@evil-{DOMAIN}"), HOP), "unknown"),
        ((result("spf=pass; dkim=pass"), HOP), "unknown"),
        ((result(f"dmarc=fail (p=none) header.from={DOMAIN}; spf=pass smtp.mailfrom={DOMAIN}"), HOP), "disowned"),
        ((result(f"spf=softfail smtp.mailfrom={DOMAIN}"), HOP), "failed"),
        ((result(f"dkim=fail header.d={DOMAIN}; spf=none"), HOP), "failed"),
        # what came with the mail
        ((HOP, FOREIGN, result("dmarc=pass header.from=" + DOMAIN)), "unknown"),
        ((FOREIGN, result("dmarc=pass header.from=" + DOMAIN)), "unknown"),
        ((HOP, FOREIGN, SIGNED_IN), "unknown"),
        ((result(f"dmarc=pass header.from={DOMAIN}", "mx.evil.example"), HOP), "unknown"),
        ((result(f"dmarc=fail header.from={DOMAIN}"), HOP, result(f"dmarc=pass header.from={DOMAIN}")), "disowned"),
    ],
)
def test_our_server_vouches_or_does_not(headers: tuple[tuple[str, str], ...], standing: str) -> None:
    assert own_domain_standing(replace(OLGA, headers=headers), (OURS,), DOMAIN) == standing
    assert own_domain_standing(replace(OLGA, headers=headers), (), DOMAIN) == "unknown"


@pytest.mark.parametrize(
    ("headers", "around", "kind"),
    [
        ((result(f"dmarc=pass header.from={DOMAIN}"), HOP), STAFF, "staff"),
        ((), STAFF, "claimed_staff"),
        ((HOP,), STAFF, "claimed_staff"),
        ((result(f"spf=fail smtp.mailfrom={DOMAIN}"), HOP), STAFF, "spam"),
        ((result(f"dmarc=fail header.from={DOMAIN}"), HOP), STAFF, "spam"),
        ((result(f"dmarc=fail header.from={DOMAIN}"), HOP), AROUND, "spam"),
        # the form on the office's web site writes in its name, and its clients are real
        ((result(f"spf=fail smtp.mailfrom={DOMAIN}"), HOP), AROUND, "unknown_sender"),
        ((), AROUND, "unknown_sender"),
        ((result(f"dmarc=fail header.from={DOMAIN}"), HOP), replace(STAFF, answered=ANSWERED), "spam"),
        ((result(f"spf=fail smtp.mailfrom={DOMAIN}"), HOP), replace(STAFF, answered=ANSWERED), "spam"),
        ((), replace(STAFF, answered=ANSWERED), "verified_reply"),
    ],
)
def test_who_borrows_our_domain_never_acts_as_staff(
    headers: tuple[tuple[str, str], ...], around: Surroundings, kind: str
) -> None:
    assert classify(replace(OLGA, headers=headers), around).kind == kind


def test_what_only_says_to_be_staff_is_nobodys_letter() -> None:
    verdict = classify(OLGA, STAFF)
    assert letter_of(OLGA, verdict, STAFF, "", None, ()).person_id is None
    assert not wants_lead(verdict, STAFF, lead_from_unknown=True)
    vouched = classify(replace(OLGA, headers=(SIGNED_IN,)), STAFF)
    assert letter_of(OLGA, vouched, STAFF, "", None, ()).person_id == 1


@pytest.mark.parametrize("around", [AROUND, STAFF, replace(AROUND, contact_id=3, answered=ANSWERED)])
def test_a_complaint_is_never_a_lead(around: Surroundings) -> None:
    verdict = classify(replace(MAIL, feedback=FeedbackReport("abuse")), around)
    assert verdict.kind == "complaint"
    assert not wants_lead(verdict, around, lead_from_unknown=True)


@pytest.mark.parametrize(
    ("around", "kind", "claims"),
    [
        (replace(AROUND, named_item=NAMED), "claimed_reply", ("deal", 9)),
        (replace(AROUND, named_item=NAMED, contact_id=3), "known_sender", ("deal", 9)),
        (replace(AROUND, answered=ANSWERED, named_item=NAMED), "claimed_reply", ("deal", 5)),
        (replace(AROUND, answered=ANSWERED, contact_id=3), "claimed_reply", ("deal", 5)),
        (replace(AROUND, answered=replace(ANSWERED, recipient=MAIL.from_address)), "verified_reply", None),
        (AROUND, "unknown_sender", None),
    ],
)
def test_a_number_or_a_message_id_alone_is_a_claim(
    around: Surroundings, kind: str, claims: tuple[str, int] | None
) -> None:
    verdict = classify(MAIL, around)
    assert (verdict.kind, claimed_item(verdict, around)) == (kind, claims)
    assert wants_lead(verdict, around, lead_from_unknown=True) == (kind != "verified_reply" and not around.contact_id)


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        ("Re: D-000009", ["D-000009"]),
        ("[L-000001] и D-000002, D-000002", ["L-000001", "D-000002"]),
        ("Насос D-9, договор АБ-12, +7-900-000", []),
        ("XD-000009X", []),
    ],
)
def test_numbers_in_a_subject(subject: str, numbers: list[str]) -> None:
    assert numbers_in(subject) == numbers


def test_a_copied_mark_makes_no_mail_our_own() -> None:
    """Whoever received a mail of ours can copy its headers; only our domain's Message-ID under it counts."""
    marked = replace(MAIL, headers=(("x-callout-wording", "note"),))
    assert own_message(marked, AROUND) is None
    assert own_message(replace(marked, message_id=f"<1@{DOMAIN.upper()}>"), AROUND) is not None


def test_what_a_person_overruled_is_not_said_again() -> None:
    marked = replace(MAIL, headers=(("precedence", "bulk"),))
    assert classify(marked, AROUND).kind == "automatic"
    assert classify(marked, replace(AROUND, overruled=frozenset({"automatic"}))).kind == "unknown_sender"


def test_the_last_guard_always_answers() -> None:
    assert sender(replace(MAIL, from_address=""), AROUND).kind == "broken"
