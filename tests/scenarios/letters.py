"""Mail as people of a scenario read and write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from deployments.demo.people import body_text

OFFICE_MAIL = "office@north-service.example"
_PARSER = BytesParser(EmailMessage, policy=policy.default)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that left the office, as its reader sees it."""

    to: str
    wording: str
    subject: str
    text: str
    mail: EmailMessage

    @property
    def links(self) -> list[str]:
        """The web addresses in it."""
        return re.findall(r"https?://[^\s>\"]+", self.text)

    @property
    def person(self) -> str:
        """Who reads it, without the domain: a colleague's key."""
        return self.to.partition("@")[0]


def read_letter(outside: Path, entry: dict[str, Any]) -> Letter:
    """One mail of the book of those that the server outside took."""
    mail = _PARSER.parsebytes((outside / entry["file"]).read_bytes())
    return Letter(entry["to"][0], entry["wording"], str(mail["Subject"]), body_text(mail), mail)


def new_mail(number: int, sender: str, subject: str, at: datetime) -> EmailMessage:
    """A mail to the office, still without its text."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, OFFICE_MAIL, subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<scenario-{number}@{sender.rpartition('@')[2].rstrip('>')}>"
    return mail


def quote(mail: EmailMessage, letter: Letter, text: str, at: datetime) -> None:
    """Make the mail an answer to a letter: the text, and under it what is answered."""
    mail["In-Reply-To"] = mail["References"] = str(letter.mail["Message-ID"])
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
    mail.set_content(f"{text}\n\n{format_datetime(at)} {OFFICE_MAIL} пишет:\n{quoted}\n", cte="base64")
