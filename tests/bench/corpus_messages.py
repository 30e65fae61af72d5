"""Measures over a folder of real mail with `expectations.jsonl`: who wrote, what about, bounces, automatic mail.

One JSON object a line: `kind`, `file` (in the folder) and `expect`, as the corpus's own description says. Kinds used
here: message, message_noexpect, bounce, autoreply, feedback_report, not_bounce.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.gateways.mail_bodies import html_text
from tasks.gateways.mail_parser import parse_mail
from tasks.rules.mail.parsed import ParsedMail, UnreadableMail
from tasks.rules.mail.settlement import wants_lead
from tasks.rules.mail.surroundings import Surroundings, Verdict
from tasks.rules.mail.verdict import classify
from tasks.rules.mail_address import plain_mail

AROUND = Surroundings(frozenset({"office@north-service.example"}), "north-service.example")
_AUTOMATIC = ("bounce", "autoreply", "feedback_report")
_HEAD_CHARS = 40

Row = tuple[str, int, int, float]
"""Measure, how many are right, of how many, and the share that is aimed at (0: none is)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One message of the corpus, what it should give and what it gave; `error` is what parsing raised."""

    kind: str
    file: str
    expect: dict[str, Any]
    mail: ParsedMail | UnreadableMail | None
    verdict: Verdict | None
    error: str = ""


def judged_mails(folder: Path) -> Iterator[Judged]:
    """Every message of the corpus, parsed and judged as the intake does. Raises OSError and ValueError."""
    for line in (folder / "expectations.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["kind"] in (*_AUTOMATIC, "message", "message_noexpect", "not_bounce"):
            yield _judge(entry["kind"], entry["file"], entry["expect"], (folder / entry["file"]).read_bytes())


def _judge(kind: str, file: str, expect: dict[str, Any], raw: bytes) -> Judged:
    try:
        mail = parse_mail(raw)
        verdict = classify(mail, AROUND) if isinstance(mail, ParsedMail) else None
    except Exception as error:  # a crash is what is measured
        return Judged(kind, file, expect, None, None, f"{type(error).__name__}: {error}")
    return Judged(kind, file, expect, mail, verdict)


def rows(folder: Path) -> list[Row]:
    """The table's rows over messages and reports."""
    judged = list(judged_mails(folder))
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for one in judged:
        for measure, is_right in measures(one):
            total[measure] += 1
            right[measure] += is_right
    return [(measure, right[measure], total[measure], aim) for measure, aim in _AIMS.items()]


_AIMS = {
    "read without a crash": 1.0,
    "From": 0.98,
    "Subject": 0.98,
    "text: how it begins": 0.0,
    "attachments: how many": 0.0,
    "bounces recognised": 0.99,
    "bounces: recipient right, where one is named": 0.97,
    "automatic mail that makes no lead": 1.0,
    "complaints recognised": 0.99,
    "no false bounce": 1.0,
}


def measures(one: Judged) -> Iterable[tuple[str, bool]]:
    """What is measured of one message, and whether it is right."""
    yield "read without a crash", not one.error
    mail = one.mail if isinstance(one.mail, ParsedMail) else None
    if one.kind == "message":
        yield "From", mail is not None and mail.from_address == (plain_mail(one.expect["from_addr"] or "") or "")
        yield "Subject", mail is not None and mail.subject == " ".join((one.expect["subject"] or "").split())
        yield "text: how it begins", mail is not None and _begins_alike(mail.text, one.expect["text_head"] or "")
        yield "attachments: how many", mail is not None and len(mail.files) == one.expect["attachments"]
    if one.kind == "bounce":
        yield "bounces recognised", one.verdict is not None and one.verdict.kind == "bounce"
        if one.expect["recipients"]:
            yield "bounces: recipient right, where one is named", _is_recipient_right(one)
    if one.kind in _AUTOMATIC:
        yield "automatic mail that makes no lead", not (one.verdict and _makes_lead(one.verdict))
    if one.kind == "feedback_report":
        yield "complaints recognised", one.verdict is not None and one.verdict.kind == "complaint"
    if one.kind in ("autoreply", "not_bounce", "message"):
        yield "no false bounce", one.verdict is None or one.verdict.kind != "bounce"


def _makes_lead(verdict: Verdict) -> bool:
    return wants_lead(verdict, AROUND, lead_from_unknown=True)


def _begins_alike(text: str, head: str) -> bool:
    expected = html_text(head.encode(), "utf-8") if head.lstrip().lower().startswith("<html") else head
    wanted = "".join(expected.replace("\x00", "").split())[:_HEAD_CHARS]
    return "".join(text.split())[: len(wanted)] == wanted


def _is_recipient_right(one: Judged) -> bool:
    """Something is named, and nothing but what is expected: a report may know one recipient by two addresses."""
    report = one.mail.report if isinstance(one.mail, ParsedMail) else None
    found = {*report.failed, *report.late} if report is not None else set()
    return bool(found) and found <= {plain_mail(address) or address.lower() for address in one.expect["recipients"]}
