"""The demo's people: they read the mail that reached them and answer it, through the same mailbox as real ones."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, parseaddr, parsedate_to_datetime
from pathlib import Path

from deployments.demo.answers import Answer, choose_answer
from deployments.demo.mail_servers import deliver

_PARSER = BytesParser(EmailMessage, policy=policy.default)
_THINKING = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that reached somebody outside or on the staff."""

    to: str
    wording: str
    raw: EmailMessage


def answer_mail(book: Path, maildir: Path, office_mail: str, now: datetime) -> int:
    """Everybody answers what was written to them up to `now`; each letter once. Returns the number of new answers."""
    return sum(_answer(letter, maildir, office_mail, now) for letter in letters_until(book, now))


def letters_until(book: Path, now: datetime) -> list[Letter]:
    """The accepted letters dated up to `now`, each Message-ID once."""
    accepted = book / "accepted.jsonl"
    if not accepted.exists():
        return []
    found: dict[str, Letter] = {}
    for line in accepted.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        mail = _PARSER.parsebytes((book / entry["file"]).read_bytes())
        if parsedate_to_datetime(mail["Date"]) <= now:
            found[str(mail["Message-ID"])] = Letter(entry["to"][0], str(mail.get("X-Callout-Wording", "")), mail)
    return list(found.values())


def _answer(letter: Letter, maildir: Path, office_mail: str, now: datetime) -> bool:
    answer = choose_answer(letter.wording, letter.to, str(letter.raw["Subject"]), body_text(letter.raw))
    if answer is None:
        return False
    key = "answer-" + hashlib.sha256(str(letter.raw["Message-ID"]).encode()).hexdigest()[:24]
    sent_at = now + _THINKING
    return deliver(
        maildir, key, sent_at, _reply(letter, answer, office_mail, key, sent_at).as_bytes(policy=policy.SMTP)
    )


def _reply(letter: Letter, answer: Answer, office_mail: str, key: str, sent_at: datetime) -> EmailMessage:
    reply = EmailMessage()
    reply["From"] = letter.to
    reply["To"] = office_mail
    reply["Subject"] = f"Re: {letter.raw['Subject']}"
    reply["Date"] = format_datetime(sent_at)
    reply["Message-ID"] = f"<{key}@{parseaddr(letter.to)[1].partition('@')[2]}>"
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
