"""What a mail is to the office, and which sign wins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasks.rules.mail.parsed import DeliveryReport, ParsedMail
from tasks.rules.mail.surroundings import AnsweredMessage, Surroundings
from tasks.rules.mail.verdict import classify

MAIL = ParsedMail("<a@example.com>", "petr@example.com", "Пётр", "Насос", "Добрый день")
AROUND = Surroundings(frozenset({"office@north-service.example"}), "north-service.example")
OURS = AnsweredMessage(7, "Petr@Example.com", "contact:3", "deal", 5, None)
TRUSTED = replace(AROUND, trusted_hosts=("mx.north-service.example",))
OUR_HOP = ("received", "from a.example by mx.north-service.example with ESMTPS; Tue, 17 Nov 2026")
FOREIGN_HOP = ("received", "from b.example by a.example; Tue, 17 Nov 2026")
SPAM = ("x-spam-flag", "YES")


def kind_of(mail: ParsedMail, around: Surroundings = AROUND) -> str:
    return classify(mail, around).kind


def with_header(*headers: tuple[str, str]) -> ParsedMail:
    return replace(MAIL, headers=headers)


@pytest.mark.parametrize(
    ("around", "kind"),
    [
        (AROUND, "unknown_sender"),
        (replace(AROUND, contact_id=3), "known_sender"),
        (replace(AROUND, person_id=1), "claimed_staff"),
        (replace(AROUND, answered=OURS), "verified_reply"),
        (replace(AROUND, answered=replace(OURS, recipient="anna@example.com")), "claimed_reply"),
        (replace(AROUND, duplicate_of_id=2, answered=OURS), "duplicate"),
        (replace(AROUND, is_our_id=True), "own"),
    ],
)
def test_who_writes(around: Surroundings, kind: str) -> None:
    assert kind_of(MAIL, around) == kind


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"auto-submitted": "auto-replied (vacation)"}, "automatic"),
        ({"auto-submitted": "no"}, "unknown_sender"),
        ({"return-path": "<>"}, "automatic"),
        ({"return-path": "<petr@example.com>"}, "unknown_sender"),
        ({"x-autoreply": "yes"}, "automatic"),
        ({"x-apple-action": "vacation"}, "automatic"),
        ({"x-autoresponder": "no"}, "unknown_sender"),
        ({"precedence": "bulk"}, "automatic"),
        ({"precedence": "list"}, "list"),
        ({"x-auto-response-suppress": "All"}, "automatic"),
        ({"list-unsubscribe": "<mailto:x@example.com>"}, "list"),
        ({"list-id": "News <news.example.com>"}, "list"),
        ({"list-id": "<office.north-service.example>", "precedence": "list"}, "unknown_sender"),
    ],
)
def test_headers_of_machines(headers: dict[str, str], kind: str) -> None:
    assert kind_of(with_header(*headers.items())) == kind


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Автоматический ответ: Насос", "automatic"),
        ("Auto: Re: Насос", "automatic"),
        ("Out of office", "automatic"),
        ("Abwesenheitsnotiz", "automatic"),
        ("Réponse automatique : pompe", "automatic"),
        ("Re: Автоответ нужен", "unknown_sender"),
        ("Автомат не включается", "unknown_sender"),
        ("Autosalon needs a pump", "unknown_sender"),
    ],
)
def test_subjects_of_machines(subject: str, kind: str) -> None:
    assert kind_of(replace(MAIL, subject=subject)) == kind


@pytest.mark.parametrize("local", ["MAILER-DAEMON", "postmaster", "no-reply", "noreply+x", "do_not_reply", "bounces-1"])
def test_addresses_of_machines(local: str) -> None:
    assert kind_of(replace(MAIL, from_address=f"{local.lower()}@example.com")) == "automatic"


@pytest.mark.parametrize("local", ["petr", "notary", "nora", "daemonov", "autoservice", "bouncer"])
def test_people_with_such_names(local: str) -> None:
    assert kind_of(replace(MAIL, from_address=f"{local}@example.com")) == "unknown_sender"


def test_a_failed_or_late_delivery_is_a_bounce_a_success_is_only_automatic() -> None:
    assert kind_of(replace(MAIL, report=DeliveryReport(("x@example.com",), outcome="failed"))) == "bounce"
    late = classify(replace(MAIL, report=DeliveryReport(late=("x@example.com",), outcome="late")), AROUND)
    assert (late.kind, "not delivered yet" in late.reason) == ("bounce", True)
    assert kind_of(replace(MAIL, report=DeliveryReport())) == "automatic"


def test_a_sure_machine_that_answers_is_no_reply_but_a_weak_sign_yields() -> None:
    answered = replace(AROUND, answered=OURS)
    assert kind_of(with_header(("auto-submitted", "auto-replied")), answered) == "automatic"
    assert kind_of(with_header(("precedence", "bulk")), answered) == "verified_reply"


def test_our_own_address_and_our_own_mark() -> None:
    from_us = replace(MAIL, from_address="office@north-service.example")
    assert kind_of(from_us) == "own"
    marked = replace(with_header(("x-callout-wording", "note")), message_id="<1@north-service.example>")
    assert kind_of(marked) == "own"


def test_a_colleagues_mail_program_uses_our_domain_too() -> None:
    colleague = replace(MAIL, from_address="olga@north-service.example", message_id="<1@north-service.example>")
    signed_in = ("received", "from laptop by mx.north-service.example with ESMTPSA; Tue, 17 Nov 2026")
    assert kind_of(replace(colleague, headers=(signed_in,)), replace(TRUSTED, person_id=1)) == "staff"


def test_only_our_own_servers_verdict_is_spam() -> None:
    assert kind_of(with_header(SPAM, OUR_HOP, FOREIGN_HOP), TRUSTED) == "spam"
    assert kind_of(with_header(OUR_HOP, SPAM, FOREIGN_HOP), TRUSTED) == "spam"
    assert kind_of(with_header(OUR_HOP, FOREIGN_HOP, SPAM), TRUSTED) == "unknown_sender"
    assert kind_of(with_header(FOREIGN_HOP, SPAM), TRUSTED) == "unknown_sender"
    assert kind_of(with_header(SPAM), TRUSTED) == "unknown_sender"
    assert kind_of(with_header(SPAM, OUR_HOP), AROUND) == "unknown_sender"
    assert kind_of(with_header(("x-spam-flag", "NO"), OUR_HOP), TRUSTED) == "unknown_sender"


def test_a_disowned_sender_is_spam_a_mere_failure_is_not() -> None:
    def result(text: str) -> ParsedMail:
        return with_header(("authentication-results", f"mx.north-service.example; {text}"))

    assert kind_of(result("dmarc=fail (p=reject dis=none) header.from=example.com"), TRUSTED) == "spam"
    assert kind_of(result("dmarc=fail (p=none) header.from=example.com"), TRUSTED) == "unknown_sender"
    assert kind_of(result("spf=fail; dmarc=pass"), TRUSTED) == "unknown_sender"


def test_a_proven_reply_is_not_lost_to_a_spam_flag() -> None:
    assert kind_of(with_header(SPAM, OUR_HOP), replace(TRUSTED, answered=OURS)) == "verified_reply"
    assert kind_of(with_header(SPAM, OUR_HOP), replace(TRUSTED, contact_id=3)) == "spam"


def test_without_a_sender_nothing_can_be_done() -> None:
    assert kind_of(replace(MAIL, from_address="")) == "broken"


def test_a_claim_says_so() -> None:
    forged = replace(AROUND, person_id=1, answered=replace(OURS, recipient="anna@example.com"))
    assert classify(MAIL, forged).kind == "claimed_staff"
    assert "claims to answer our message 7" in classify(MAIL, forged).reason
