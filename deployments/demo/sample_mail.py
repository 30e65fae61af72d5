"""The sample day's mail: written down in mail_day/, turned into the same bytes every time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from deployments.demo.mime_bytes import (
    Part,
    address_text,
    file_part,
    header_text,
    multipart,
    report_part,
    text_part,
)
from deployments.demo.sample_files import CONTENT_TYPES, file_bytes
from tasks.gateways.strict_yaml import parse_yaml
from tasks.rules.errors import OfficeError

OFFICE_MAIL = "office@north-service.example"
_OUR_SERVER = "mx.north-service.example"
_FOLDER = Path(__file__).resolve().parent / "mail_day"
_MOSCOW = ZoneInfo("Europe/Moscow")
_DAY = date(2026, 11, 17)
_ON_THE_WAY = timedelta(seconds=9)
_KEYS = {
    *("key", "at", "from", "subject", "charset", "encoding", "text", "html", "files"),
    *("headers", "in_reply_to", "return_path", "report", "is_marked_spam"),
}
_FILE_KEYS = {"name", "kind", "text"}
Written = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SampleMail:
    """One delivered mail: `at` is when our server took it (aware UTC), `key` names the delivery, `raw` has CRLF."""

    key: str
    at: datetime
    raw: bytes


@cache
def mail_day() -> tuple[SampleMail, ...]:
    """Every mail of the day in the order of delivery. Raises OfficeError when a file of mail_day/ is wrong."""
    written = {mail["key"]: mail for mail in _letters()}
    repeated = _read(_FOLDER / "repeated.yaml")
    mails = [
        *(SampleMail(key, _at(mail), _raw(mail)) for key, mail in written.items()),
        *(_repeat(entry, written[entry["of"]]) for entry in repeated["repeated"]),
        *(
            SampleMail(e["key"], _at(e), (_FOLDER / "malformed" / e["file"]).read_bytes())
            for e in repeated["malformed"]
        ),
    ]
    return tuple(sorted(mails, key=lambda mail: (mail.at, mail.key)))


def _letters() -> Iterator[Written]:
    for path in sorted(_FOLDER.glob("*.yaml")):
        for mail in _read(path).get("mails", []):
            unknown = set(mail) - _KEYS | {key for file in mail.get("files", []) for key in set(file) - _FILE_KEYS}
            if unknown:
                raise OfficeError([f"{path.name}: {mail.get('key')}: unknown keys {', '.join(sorted(unknown))}"])
            yield mail


def _read(path: Path) -> dict[str, Any]:
    source = parse_yaml(path.name, path.read_bytes(), {})
    if source.problems:
        raise OfficeError(source.sorted_problems())
    content: dict[str, Any] = source.value
    return content


def _sender(mail: Written) -> tuple[str, str]:
    """Name and address, as `from: Name <address>` says them."""
    name, _, address = mail["from"].rstrip(">").rpartition("<")
    return name.strip(), address


def _at(written: Written) -> datetime:
    return datetime.combine(_DAY, time.fromisoformat(written["at"]), _MOSCOW).astimezone(UTC)


def _raw(mail: Written, *, way: str = "mail", delivered: datetime | None = None) -> bytes:
    """The mail as our server stored it: trace headers on top, then what the sender wrote."""
    at = _at(mail)
    return _body(mail).as_bytes((*_trace(mail, way, delivered or at), *_head(mail, at - _ON_THE_WAY)))


def _trace(mail: Written, way: str, at: datetime) -> Iterator[tuple[str, str]]:
    """What the servers on the way wrote; our own server's verdict stands above its Received line (RFC 8601 5)."""
    sender = _sender(mail)[1]
    domain = sender.partition("@")[2].lower()
    moment = format_datetime(at.astimezone(_MOSCOW))
    is_spam = mail.get("is_marked_spam", False)
    yield "Return-Path", mail.get("return_path", f"<{sender}>")
    if is_spam:
        yield "X-Spam-Flag", "YES"
        yield "X-Spam-Score", "14.2"
    yield "Authentication-Results", f"{_OUR_SERVER}; spf={'fail' if is_spam else 'pass'} smtp.mailfrom={domain}"
    queue_id = hashlib.sha256(f"{way}:{mail['key']}".encode()).hexdigest()[:12].upper()
    yield (
        "Received",
        f"from {way}.{domain} ([192.0.2.{int(queue_id[:2], 16)}])\r\n\tby {_OUR_SERVER} with ESMTPS id {queue_id}"
        f"\r\n\tfor <{OFFICE_MAIL}>; {moment}",
    )
    yield "Received", f"by {way}.{domain} with ESMTPSA id {queue_id[::-1]};\r\n\t{moment}"


def _head(mail: Written, written_at: datetime) -> Iterator[tuple[str, str]]:
    name, address = _sender(mail)
    charset = mail.get("charset", "utf-8")
    for header, value in mail.get("headers", {}).items():
        yield header, header_text(value, charset)
    yield "From", address_text(name, address, charset)
    yield "To", OFFICE_MAIL
    yield "Subject", header_text(mail["subject"], charset)
    yield "Date", format_datetime(written_at.astimezone(_MOSCOW))
    yield "Message-ID", f"<{mail['key']}@{address.partition('@')[2].lower()}>"
    if "in_reply_to" in mail:
        yield "In-Reply-To", mail["in_reply_to"]
        yield "References", mail["in_reply_to"]
    yield "MIME-Version", "1.0"


def _body(mail: Written) -> Part:
    charset, encoding = mail.get("charset", "utf-8"), mail.get("encoding", "base64")
    boundary = hashlib.sha256(mail["key"].encode()).hexdigest()[:24]
    texts = [
        text_part(mail[kind], name, charset, encoding)
        for kind, name in (("text", "plain"), ("html", "html"))
        if kind in mail
    ]
    body = texts[0] if len(texts) == 1 else multipart("alternative", f"alt-{boundary}", texts)
    if "report" in mail:
        return multipart(
            "report", f"report-{boundary}", (body, *_report(mail["report"])), "report-type=delivery-status; "
        )
    files = [
        file_part(f["name"], CONTENT_TYPES[f["kind"]], file_bytes(f["kind"], f["text"])) for f in mail.get("files", [])
    ]
    return multipart("mixed", f"mixed-{boundary}", (body, *files)) if files else body


def _report(report: Written) -> Iterator[Part]:
    status = (
        f"Reporting-MTA: dns; {report['reporting_host']}\n\n"
        f"Final-Recipient: rfc822; {report['recipient']}\nAction: failed\n"
        f"Status: {report['status']}\nDiagnostic-Code: {report['diagnostic']}\n"
    )
    yield report_part("message/delivery-status", status)
    yield report_part("text/rfc822-headers", report["original"])


def _repeat(entry: Written, first: Written) -> SampleMail:
    """A second delivery of `first`: every byte the same, by another way, or another text under its Message-ID."""
    at = _at(entry)
    if entry["again"] == "other_text":
        other = {**first, "text": entry["text"], "at": entry["at"]}
        return SampleMail(entry["key"], at, _raw(other))
    if entry["again"] == "other_way":
        return SampleMail(entry["key"], at, _raw(first, way="backup", delivered=at))
    return SampleMail(entry["key"], at, _raw(first))
