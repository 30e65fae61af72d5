"""The demo's people: they read the mail that reached them and answer it, through the same mailbox as real ones."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, parseaddr, parsedate_to_datetime
from pathlib import Path

from deployments.demo.answers import ASKING, Answer, choose_answer
from deployments.demo.mail_servers import deliver, is_delivered

_PARSER = BytesParser(EmailMessage, policy=policy.default)
_THINKING = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that reached somebody outside or on the staff; `key` names its answer."""

    to: str
    wording: str
    key: str
    raw: EmailMessage


def answer_mail(book: Path, maildir: Path, office_mail: str, now: datetime) -> int:
    """Everybody answers what was written to them up to `now`; each letter once. Returns the number of new answers."""
    return sum(_answer(letter, maildir, office_mail, now) for letter in _letters_until(book, now, maildir))


def _letters_until(book: Path, now: datetime, maildir: Path) -> Iterator[Letter]:
    """The accepted letters dated up to `now` that nobody has answered, each Message-ID once."""
    accepted = book / "accepted.jsonl"
    lines = accepted.read_text(encoding="utf-8").splitlines() if accepted.exists() else []
    for entry in {entry["message_id"]: entry for entry in map(json.loads, lines)}.values():
        key = "answer-" + hashlib.sha256(entry["message_id"].encode()).hexdigest()[:24]
        if entry["wording"] in ASKING and not is_delivered(maildir, key):
            mail = _PARSER.parsebytes((book / entry["file"]).read_bytes())
            if parsedate_to_datetime(mail["Date"]) <= now:
                yield Letter(entry["to"][0], entry["wording"], key, mail)


def _answer(letter: Letter, maildir: Path, office_mail: str, now: datetime) -> bool:
    answer = choose_answer(letter.wording, letter.to, str(letter.raw["Subject"]), body_text(letter.raw))
    if answer is None:
        return False
    # everybody takes a time of their own, the same in every run: answers come in the same order
    about = f"{letter.wording} {letter.to} {letter.raw['Subject']}"
    sent_at = now + _THINKING + timedelta(seconds=zlib.crc32(about.encode()) % 1800)
    reply = _reply(letter, answer, office_mail, sent_at)
    return deliver(maildir, letter.key, sent_at, reply.as_bytes(policy=policy.SMTP))


def _reply(letter: Letter, answer: Answer, office_mail: str, sent_at: datetime) -> EmailMessage:
    reply = EmailMessage()
    reply["From"] = letter.to
    reply["To"] = office_mail
    reply["Subject"] = f"Re: {letter.raw['Subject']}"
    reply["Date"] = format_datetime(sent_at)
    reply["Message-ID"] = f"<{letter.key}@{parseaddr(letter.to)[1].partition('@')[2]}>"
    reply["In-Reply-To"] = str(letter.raw["Message-ID"])
    reply["References"] = str(letter.raw["Message-ID"])
    quoted = "\n".join(f"> {line}" for line in body_text(letter.raw).splitlines())
    reply.set_content(f"{answer.text}\n\n{format_datetime(sent_at)} {office_mail} пишет:\n{quoted}\n", cte="base64")
    for name in answer.documents:
        content = f"{name}: образец для демонстрации\n".encode()
        reply.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return reply


def body_text(mail: EmailMessage) -> str:
    """The plain text of a letter."""
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""
