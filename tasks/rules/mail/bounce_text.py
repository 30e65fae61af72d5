"""Mail systems that write to people: whether their words say that a message was not delivered, and to whom.

About half of all such mail carries no RFC 3464 report. The words are in `bounce_words`; here is how they are read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache

from tasks.rules.mail.bounce_words import (
    DELAYS,
    FAILURES,
    REPORT_SENTENCES,
    REPORT_SUBJECTS,
    RETURNED,
    SUBJECTS,
)
from tasks.rules.mail.delivery_status import read_statuses
from tasks.rules.mail_address import plain_mail

_MAX_CHARS = 30_000
_MIN_NOTICE_CHARS = 20
_FIRST_CHARS = 600
_SMTP_REPLY = re.compile(r"\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|\b55[0-9][ -][A-Za-z<]|\bstatus=5|\(#5\.\d\.\d")
_PERMANENT = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b|\b5[0-7]\d[ -][A-Za-z<#5]|permanent")
_PASSED_ON = re.compile(r"\s*(?:(?:re|fwd?|aw|wg|sv|vs|tr|отв|пересл)\s*(?:\[\d+\])?:)", re.IGNORECASE)
_FORWARDED = re.compile(r"^[ \t]*(?:>|-{2,}|begin forwarded|(?:from|от|von|fra)[ \t]*:)", re.IGNORECASE | re.MULTILINE)
_QUOTE_MARKS = re.compile(r"^(?:>[> ]*)", re.MULTILINE)
_MAX_OWN_WORDS = 3
_WARNING = re.compile(r"warning (?:message )?only|just a warning|delayed mail|\(delay\)|(?:message|mail) delayed", re.I)
_ADDRESS = r"<?(?:mailto:|smtp:)?(?P<address>[^\s<>\"'(),;:\[\]|@]{1,64}@[A-Za-z0-9.-]{0,252}[A-Za-z0-9])>?"
# From the surest place for the address of a failed delivery to the weakest; the first that names one decides.
_PLACES = (
    rf"(?:recipient(?: address)?|rcpt to|failed recipient|intended recipient|получатель|адресат)\s*[:=]\s*{_ADDRESS}",
    rf"^[ \t*•>-]*{_ADDRESS}(?:[ \t]*$|[ \t]*:|[ \t]*\.\.\.|[ \t]*[(\[,;-]|[ \t]+on[ \t])",
    rf"\b[45]\d\d[ -](?:#?[45]\.\d{{1,3}}\.\d{{1,3}}[ ,:]+)?{_ADDRESS}",
    rf"(?:to|for|address|recipients?|user|адрес\w*|получател\w*|an|à|para|til|till|ящик\w*)[ \t:]{{1,4}}\s?{_ADDRESS}",
    _ADDRESS,
)
_NOBODY = re.compile(
    r"(?:mailer-?daemon|post-?_?master|abuse|support|help(?:desk)?|admin(?:istrator)?|no-?_?reply|root|hostmaster|ndr)@",
    re.I,
)


def cut_returned(text: str) -> tuple[str, str]:
    """The mail system's own words, and the returned message below them ('' when there is none)."""
    text = text[:_MAX_CHARS]
    mark = _returned().search(text, _MIN_NOTICE_CHARS)
    return (text[: mark.start()], text[mark.start() :]) if mark else (text, "")


def is_passed_on(subject: str) -> bool:
    """A person's reply to, or forward of, something."""
    return _PASSED_ON.match(subject) is not None


def is_plain_report(subject: str, text: str) -> bool:
    """Whether a mail without any sign of a machine is a mail system's all the same: both its subject and its first
    words begin like one, and nobody passed it on."""
    if not _report_subjects().match(subject) or is_passed_on(subject):
        return False
    return _report_sentences().search(_flat(text[:_FIRST_CHARS])) is not None


def is_bare_forward_of_report(subject: str, text: str) -> bool:
    """Whether someone passed on a mail system's report, RFC 3464 fields and all, and added nothing of his own."""
    if not is_passed_on(subject) or not _subjects().search(subject):
        return False
    begin = _FORWARDED.search(text)
    if begin is None or len(text[: begin.start()].split()) > _MAX_OWN_WORDS:
        return False
    return any(status.outcome != "done" for status in read_statuses(unquoted(text)))


def unquoted(text: str) -> str:
    """Without the marks of quoted lines."""
    return _QUOTE_MARKS.sub("", text)


def says_failure(subject: str, notice: str) -> bool:
    """Whether subject or words tell of a failed or late delivery. To be asked only of what is surely a mail system."""
    flat = _flat(notice)
    return _failures().search(flat) is not None or _delays().search(flat) is not None or says_plainly(subject, notice)


def says_plainly(subject: str, notice: str) -> bool:
    """The same for other machines, which may talk of anything: a report's subject or sentence, or a server's reply."""
    flat = _flat(notice)
    return (
        _subjects().search(_flat(subject)) is not None
        or _report_sentences().search(flat) is not None
        or _SMTP_REPLY.search(flat) is not None
    )


def is_late_only(subject: str, notice: str) -> bool:
    """The mail system goes on trying: a warning, no failure."""
    flat = _flat(f"{subject} {notice}")
    if _delays().search(flat) is None:
        return False
    return _PERMANENT.search(flat) is None or _WARNING.search(flat) is not None


def recipients_in(notice: str, not_these: Collection[str], sent_to: Collection[str] = ()) -> list[str]:
    """Whom the mail system could not reach, by its own words; `not_these` are its address and ours (lower case).

    Where the returned message is there, its recipients (`sent_to`) confirm what was found.
    """
    for place in _places():
        found = _addresses(place.finditer(notice), not_these)
        confirmed = [address for address in found if address in sent_to]
        if confirmed or found:
            return confirmed or found
    return []


def _addresses(matches: Iterable[re.Match[str]], not_these: Collection[str]) -> list[str]:
    plain = (plain_mail(match["address"]) for match in matches)
    wanted = (address for address in plain if address and address not in not_these and not _NOBODY.match(address))
    return list(dict.fromkeys(wanted))


def _flat(text: str) -> str:
    return " ".join(text[:_MAX_CHARS].split())


def _any_of(patterns: Iterable[str], flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE | flags)


@cache
def _failures() -> re.Pattern[str]:
    return _any_of(FAILURES)


@cache
def _delays() -> re.Pattern[str]:
    return _any_of(DELAYS)


@cache
def _subjects() -> re.Pattern[str]:
    return _any_of(SUBJECTS)


@cache
def _report_subjects() -> re.Pattern[str]:
    return _any_of(REPORT_SUBJECTS)


@cache
def _report_sentences() -> re.Pattern[str]:
    return _any_of(REPORT_SENTENCES)


@cache
def _returned() -> re.Pattern[str]:
    return re.compile(
        "^[ \t]*(?:" + "|".join(f"(?:{pattern})" for pattern in RETURNED) + ")", re.IGNORECASE | re.MULTILINE
    )


@cache
def _places() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(place, re.IGNORECASE | re.MULTILINE) for place in _PLACES)
