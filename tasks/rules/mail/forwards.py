"""A message that somebody passes on: whose it was, what it said, and what was written above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tasks.rules.mail.attributions import attributed
from tasks.rules.mail.header_labels import Role, header_values, run_together_values
from tasks.rules.mail.mark_search import (
    Mark,
    first_mark,
    has_words,
    message_lines,
    message_start,
    split_lines,
    without_level,
)
from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.quote_marks import is_quoted
from tasks.rules.mail.subjects import is_forward_subject, is_reply_subject, without_prefixes
from tasks.rules.mail_address import plain_mail

_ADDRESS = re.compile(r"[^\s<>@\[\]()\",;:]+@[^\s<>@\[\]()\",;:]+\.[^\s<>@\[\]()\",;:]+")
_MAILTO = re.compile(r"mailto:?$", re.IGNORECASE)
_AROUND_NAME = " \t\"'<>[](),;:*_"


@dataclass(frozen=True, slots=True)
class Forward:
    """A passed-on message. '' for whatever its copied header does not say; `date_text` is as the program wrote it."""

    from_name: str
    from_address: str
    subject: str
    date_text: str
    body: str
    note: str


def find_forward(text: str, subject: str = "") -> Forward | None:
    """The message that a mail passes on, None for a mail that passes on nothing.

    A row that says 'forwarded' is enough, and so is a copied header unless the subject begins with an answer's prefix.
    An attribution is one only under a forward's prefix, or at the top with a text below that nothing marks as quoted.
    """
    lines, view = split_lines(text)
    found = _find(view, subject)
    if found is None:
        return None
    mark, depth = found
    for _ in range(depth):
        lines, view = without_level(lines), without_level(view)
    return _read(lines, view, mark, subject)


def passed_on(mail: ParsedMail, forward: Forward) -> ParsedMail:
    """The mail as if its author had written to us; what was written above it stands first.

    Only for a forward by a colleague of whom our mail server vouches: anybody can write such a header.
    """
    return replace(
        mail,
        from_address=plain_mail(forward.from_address) or "",
        from_name=forward.from_name,
        subject=forward.subject or mail.subject,
        text="\n\n".join(part for part in (forward.note, forward.body) if part),
        answers=(),
    )


def _find(view: Sequence[str], subject: str) -> tuple[Mark, int] | None:
    """The mark, and how many levels of quoting it lies under."""
    plain = first_mark(view)
    if plain:
        return (plain, 0) if _is_forward(view, plain, subject) else None
    inner = without_level(view)
    mark = first_mark(inner)
    return (mark, 1) if mark and _is_forward(inner, mark, subject) else None


def _is_forward(view: Sequence[str], mark: Mark, subject: str) -> bool:
    if mark.kind == "forward" or is_forward_subject(subject):
        return True
    if is_reply_subject(subject):
        return False
    if mark.kind == "block":
        return True
    below = next((line for line in view[message_start(view, mark) :] if line.strip()), ">")
    return not has_words(view[: mark.start]) and not is_quoted(below)


def _read(lines: Sequence[str], view: Sequence[str], mark: Mark, subject: str) -> Forward:
    start = message_start(view, mark)
    if mark.kind == "attribution":
        joined = " ".join(line.strip() for line in view[mark.start : mark.start + mark.length])
        name, address, date_text = attributed(joined)
        values: dict[Role, str] = {"subject": without_prefixes(subject), "date": date_text}
    else:
        values = header_values(view[mark.start : start]) or run_together_values(view[mark.start])
        name, address = _sender(values.get("from", ""))
    return Forward(
        from_name=name,
        from_address=address,
        subject=" ".join(values.get("subject", "").split()),
        date_text=" ".join(values.get("date", "").split()),
        body="\n".join(message_lines(lines, view, mark)).strip(),
        note="\n".join(lines[: mark.start]).strip(),
    )


def _sender(value: str) -> tuple[str, str]:
    """Name and lower-case address of 'Пётр <p@example.com>', 'Пётр [mailto:p@example.com]' or either alone."""
    address = _ADDRESS.search(value)
    if address is None:
        return value.strip(_AROUND_NAME), ""
    name = _MAILTO.sub("", value[: address.start()]).strip(_AROUND_NAME)
    return name, address.group().lower()
