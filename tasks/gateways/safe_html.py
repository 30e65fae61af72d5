"""A mail's HTML made safe for showing: made on demand from the stored bytes, never kept.

Nothing in it runs, nothing is fetched from elsewhere when it is looked at (a remote picture tells its sender who reads
when), nothing can be filled in and sent. Pictures that came with the mail (`cid:`, RFC 2392) stay.
"""

from __future__ import annotations

import re

import nh3

from tasks.gateways.mail_bodies import MAX_BODY_BYTES, decode_bytes
from tasks.gateways.mail_parts import leaves
from tasks.rules.mail.header_block import read_raw

_TAGS = frozenset(
    {
        "a", "abbr", "address", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup",
        "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li",
        "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot",
        "th", "thead", "tr", "tt", "u", "ul",
    }
)  # fmt: skip
# What stands inside these is no text for people.
_DROPPED_WITH_CONTENT = frozenset(
    {"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"}
)
_CELL = frozenset({"align", "valign", "colspan", "rowspan", "width", "height", "bgcolor"})
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height", "title"},
    "font": {"color", "size", "face"},
    "table": {"border", "cellpadding", "cellspacing", *_CELL},
    "td": set(_CELL),
    "th": set(_CELL),
    "tr": {"align", "valign", "bgcolor"},
    "blockquote": {"type"},
    "ol": {"start"},
    "*": {"style", "dir", "lang"},
}
_STYLES = frozenset(
    {
        "color", "background-color", "font-family", "font-size", "font-style", "font-weight", "text-align",
        "text-decoration", "border", "border-left", "border-collapse", "padding", "padding-left", "margin",
        "margin-left", "white-space", "vertical-align", "width",
    }
)  # fmt: skip
_SCHEMES = frozenset({"http", "https", "mailto", "tel", "cid"})
_CID = re.compile(r"cid:[^\s\"'<>]{1,250}", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)  # a mail has no address that others are relative to
_OUTSIDE = re.compile(r"url\s*\(|image-set|@import|expression|\\", re.IGNORECASE)
# Deeper and larger pages than any mail program writes; the cleaner's time grows with the square of the depth.
_MAX_TAGS = 20_000
_MAX_DEPTH = 400
_OPENED_OR_CLOSED = re.compile(r"<(/?)(?!(?:br|img|hr|meta|link|input|col)\b)[a-z]", re.IGNORECASE)


def safe_html(raw: bytes) -> str:
    """The HTML of the message `raw`, cleaned; its parts below each other, '' when it has none."""
    pages = (
        decode_bytes(part.content()[:MAX_BODY_BYTES], part.kind.charset)
        for part in leaves(read_raw(raw))
        if part.kind.type == "text/html" and not part.is_attached
    )
    return "\n".join(clean_html(page) for page in pages).strip()


def clean_html(html: str) -> str:
    """No scripts, forms, frames, handlers; no pictures but `cid:`; links open without telling where they stood."""
    if html.count("<") > _MAX_TAGS or _depth(html) > _MAX_DEPTH:
        html = nh3.clean_text(re.sub(r"<[^<>]{0,1000}>", " ", html))
    return nh3.clean(
        html.replace("\x00", ""),
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_only_harmless,
        filter_style_properties=set(_STYLES),
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _depth(html: str) -> int:
    """How deep elements stand within each other, at most."""
    depth = deepest = 0
    for tag in _OPENED_OR_CLOSED.finditer(html):
        depth = max(depth - 1, 0) if tag.group(1) else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _only_harmless(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value.strip() if _CID.fullmatch(value.strip()) else None
    if name == "href" and not _LINK.match(value.strip()):
        return None
    if name == "style" and _OUTSIDE.search(value):
        return None
    return value
