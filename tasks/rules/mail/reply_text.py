"""What a person really wrote in a reply: without the quoted message and without the signature.

When in doubt more is kept, never less; the full text is stored beside it anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tasks.rules.mail.courtesies import is_greeting
from tasks.rules.mail.footers import signature_start
from tasks.rules.mail.mark_search import (
    Mark,
    first_mark,
    has_words,
    message_lines,
    message_start,
    split_lines,
    without_level,
)
from tasks.rules.mail.quote_marks import is_quoted, is_quoted_by_initials, is_rule
from tasks.rules.mail.subjects import is_forward_subject, is_reply_subject

_WRAP_CHARS = 60
_FEWEST_OWN_LINES = 7
_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ReplyParts:
    """The three parts of a reply's text; any may be empty."""

    reply: str
    signature: str = ""
    quote: str = ""


def split_reply(text: str, subject: str = "") -> ReplyParts:
    """Part a mail's text.

    Answers between quoted lines are kept with them. Of a bare forward the message that is passed on is kept. What a
    copied header with nothing above it is, `subject` says: of an answer only a quote, of a forward the message ('' is
    taken for one), else the beginning of the letter.
    """
    lines, view = split_lines(text)
    mark = first_mark(view)
    if mark is None:
        return _unmarked(lines, view, subject)
    if mark.kind == "attribution":
        return _parted(lines, view, _around_quote(view, mark))
    if has_words(view[: mark.start]):
        return _parted(lines, view, [(0, mark.start)])
    if mark.kind == "block" and is_reply_subject(subject):
        return ReplyParts("", quote=text.strip())
    if mark.kind == "block" and subject and not is_forward_subject(subject):
        return ReplyParts(text.strip())
    return _passed_on(lines, view, mark)


def _unmarked(lines: Sequence[str], view: Sequence[str], subject: str) -> ReplyParts:
    """No row ends the writer's text: quoted lines at its end are cut, at its top only below an attribution."""
    own = _next_own(view, 0, is_quoted)
    if own == len(view):
        return _all_quoted(lines, view, subject)
    end = _quoted_end(view, len(view))
    quoted_mark = first_mark(without_level(view[:own]))
    is_below = quoted_mark is not None and quoted_mark.kind == "attribution" and not _has_quotes(view[own:end])
    return _parted(lines, view, [(own if is_below else 0, end)])


def _all_quoted(lines: Sequence[str], view: Sequence[str], subject: str) -> ReplyParts:
    """Nothing but quoted lines: a message passed on is kept, one that is answered is a quote, else all is kept."""
    whole = "\n".join(lines).strip()
    inner = without_level(view)
    mark = first_mark(inner)
    if mark is None:
        return ReplyParts(whole)
    is_passed_on = mark.kind == "forward" or (mark.kind == "block" and is_forward_subject(subject))
    if is_passed_on and not has_words(inner[: mark.start]):
        return _passed_on(without_level(lines), inner, mark)
    return ReplyParts("", quote=whole)


def _passed_on(lines: Sequence[str], view: Sequence[str], mark: Mark) -> ReplyParts:
    return ReplyParts(_joined(message_lines(lines, view, mark)), quote=_joined(lines[: message_start(view, mark)]))


def _around_quote(view: Sequence[str], mark: Mark) -> list[_Span]:
    """The writer's lines above and below what an attribution introduces; with the quote when answers stand in it."""
    quote = mark.start + mark.length
    has_above = has_words(view[: mark.start])
    first = next((index for index in range(quote, len(view)) if view[index].strip()), len(view))
    if first < len(view) and not _is_marked(view[first]):
        return [(0, mark.start)] if has_above else [(quote, _end_of_own(view, quote))]
    below = _next_own(view, quote, _is_marked)
    end = _end_of_own(view, below)
    return [(0, mark.start), (quote if _has_quotes(view[below:end]) else below, end)]


def _end_of_own(view: Sequence[str], start: int) -> int:
    """Where what is written from `start` ends: at a copied header, a forwarded message or the last quoted lines."""
    mark = first_mark(view, start, with_attributions=False)
    end = mark.start if mark else len(view)
    while end > start and (not view[end - 1].strip() or _is_marked(view[end - 1])):
        end -= 1
    return end


def _quoted_end(view: Sequence[str], end: int) -> int:
    while end > 0 and (not view[end - 1].strip() or is_quoted(view[end - 1])):
        end -= 1
    return end


def _next_own(view: Sequence[str], start: int, is_marked: Callable[[str], bool]) -> int:
    """The first line from `start` that is neither blank, nor quoted, nor the wrapped rest of a quoted line."""
    for index in range(start, len(view)):
        line = view[index]
        if line.strip() and not is_marked(line) and not _is_wrapped_rest(view, index):
            return index
    return len(view)


def _is_wrapped_rest(view: Sequence[str], index: int) -> bool:
    """One short line between two quoted ones, the upper of them long and without an end: a program broke it."""
    if index == 0 or index + 1 >= len(view) or not is_quoted(view[index - 1]) or not is_quoted(view[index + 1]):
        return False
    above = view[index - 1].rstrip()
    return len(above) >= _WRAP_CHARS > len(view[index]) and not above.endswith((".", "!", "?", ":", ";"))


def _is_marked(line: str) -> bool:
    return is_quoted(line) or is_quoted_by_initials(line)


def _has_quotes(view: Sequence[str]) -> bool:
    return any(_is_marked(line) for line in view)


def _parted(lines: Sequence[str], view: Sequence[str], spans: Sequence[_Span]) -> ReplyParts:
    """The spans as the reply, their signatures apart, every other line as the quote."""
    bodies: list[str] = []
    signatures: list[str] = []
    quotes: list[str] = []
    before = 0
    for start, end in spans:
        cut = start + _signature_in(view[start:end], bodies)
        quotes.append(_joined(lines[before:start]))
        bodies.append(_joined(lines[start : _without_rules(view, start, cut)]))
        signatures.append(_joined(lines[cut:end]))
        before = end
    quotes.append(_joined(lines[before:]))
    return ReplyParts(_paragraphs(bodies), _paragraphs(signatures), _paragraphs(quotes))


def _signature_in(own: Sequence[str], above: Sequence[str]) -> int:
    """Where the signature begins in the writer's lines, with what was found `above` the quote.

    Where an answer stands there, a few lines below the quote are a signature; below a greeting they are the answer.
    """
    quoted = next((index for index in range(len(own) - 1, -1, -1) if is_quoted(own[index])), -1)
    is_answered = any(line and not is_greeting(line) for body in above for line in body.split("\n"))
    if quoted < 0 and is_answered and sum(1 for line in own if line.strip()) < _FEWEST_OWN_LINES:
        return 0
    return quoted + 1 + signature_start(own[quoted + 1 :], is_below_quote=bool(above) or quoted >= 0)


def _without_rules(view: Sequence[str], start: int, end: int) -> int:
    """A span that something was cut from does not end in a row of dashes."""
    while start < end < len(view) and (not view[end - 1].strip() or is_rule(view[end - 1])):
        end -= 1
    return end


def _paragraphs(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip()
