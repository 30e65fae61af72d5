"""Bytes of a mail's body as text: charsets as senders really use them, HTML as lines."""

from __future__ import annotations

import codecs
import re

import cchardet
from selectolax.lexbor import LexborHTMLParser

from tasks.gateways.html_quotes import mark_quotes
from tasks.rules.mail.plain_text import clean_text

MAX_BODY_BYTES = 2_000_000
_STATEFUL = re.compile(r"iso-2022|utf-?7|utf-?16|utf-?32|hz")
_BREAK = re.compile(
    r"<br\b[^<>]*>|</(?:p|div|tr|li|h[1-6]|blockquote|table|ul|ol|pre)\s*>|<(?:div|p|table|ul|ol|h[1-6]|pre)\b",
    re.IGNORECASE,
)
_INLINE_ENDS = ("</a>", "</b>", "</i>", "</u>", "</em>", "</span>", "</font>", "</strong>")
_BLANK_LINES = re.compile(r"\n{3,}")
# Deeper trees than any mail program writes; the HTML library recurses and would take the process down.
_MAX_TAGS = 10_000


def decode_bytes(content: bytes, declared: str) -> str:
    """Text of `content`: strict UTF-8 first, then the declared charset, then a guess; never an error.

    Stateful charsets consist of ASCII bytes, so for them the declaration comes first.
    """
    name = declared.strip().strip("\"'").lower()
    order = [name, "utf-8"] if _STATEFUL.match(name) else ["utf-8", name]
    for charset in order:
        text = _strictly(content, charset)
        if text is not None:
            return text
    guessed = cchardet.detect(content[:100_000]).get("encoding") or "utf-8"
    return _strictly(content, guessed) or content.decode("utf-8", "replace")


def body_text(content: bytes, declared: str) -> str:
    """A text/plain part as clean text with newlines."""
    return clean_text(decode_bytes(content[:MAX_BODY_BYTES], declared))


def html_text(content: bytes, declared: str) -> str:
    """A text/html part as lines; what it quotes is marked with '> ' like in a plain mail."""
    html = decode_bytes(content[:MAX_BODY_BYTES], declared)
    if html.count("<") > _MAX_TAGS:
        return clean_text(re.sub(r"<[^<>]{0,1000}>", " ", html))
    if "<pre" not in html.lower():
        html = " ".join(html.split())
    tree = LexborHTMLParser(_BREAK.sub(_broken, html))
    tree.strip_tags(["script", "style", "head", "title", "template"])
    mark_quotes(tree)
    text = tree.root.text() if tree.root is not None else ""
    lines = (" ".join(line.split()) for line in clean_text(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _broken(match: re.Match[str]) -> str:
    """A line ends with a block, and before one that begins right behind text."""
    tag = match.group()
    if tag.endswith(">"):
        return tag + "\n"
    before = match.string[max(0, match.start() - 10) : match.start()].rstrip().lower()
    is_behind_text = bool(before) and (not before.endswith(">") or before.endswith(_INLINE_ENDS))
    return f"\n{tag}" if is_behind_text else tag


def _strictly(content: bytes, charset: str) -> str | None:
    try:
        codecs.lookup(charset)
        return content.decode(charset)
    except (LookupError, ValueError, TypeError):
        return None
