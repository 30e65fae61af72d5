"""Quoted messages and signatures in a mail's HTML, by the elements that mail programs put them in.

They are marked in the way plain mail does it ('> ' before quoted lines, '--' above a signature, a row of underscores
above a copied header), so that the rules of reply text need to know one form only.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SIGNATURES = (
    "div.gmail_signature, .moz-signature, .protonmail_signature_block, #Signature, #ms-outlook-mobile-signature, "
    "#AppleMailSignature, [data-signature-widget=container]"
)
# Everything that follows these in the same parent is the older message.
_QUOTED_FROM = "#appendonsend, #divRplyFwdMsg, #isReplyContent"
_QUOTED_WHOLE = (
    "blockquote, div.yahoo_quoted, div.protonmail_quote, div.tutanota_quote, div.zmail_extra, #OLK_SRC_BODY_SECTION, "
    "#mail-editor-reference-message-container"
)
_ATTRIBUTIONS = "div.gmail_attr, div.moz-cite-prefix"
# Word and Outlook draw a line above the header that they copy.
_HEADERS = "hr, div[style*='border-top:solid'], div[style*='border-top: solid']"
_ROW = "\n" + "_" * 32 + "\n"
_MOST_MARKS = 500
_MOST_SIGNATURES = 10


def mark_quotes(tree: LexborHTMLParser) -> None:
    """Replace what is quoted by lines with '> ', and set rows above signatures and copied headers; 500 at most."""
    _mark_signatures(tree)
    for node in tree.css(_HEADERS)[:_MOST_MARKS]:
        node.insert_before(_ROW)
    for node in tree.css(_ATTRIBUTIONS)[:_MOST_MARKS]:
        if _next_tag(node) == "blockquote":
            _quote(node)
    if first := tree.css_first(_QUOTED_FROM):
        _quote_from(first)
    for _ in range(_MOST_MARKS):
        whole = tree.css_first(_QUOTED_WHOLE)
        if whole is None:
            return
        _quote(whole)


def _mark_signatures(tree: LexborHTMLParser) -> None:
    if tree.css_first(".gmail_signature_prefix"):
        return
    for node in tree.css(_SIGNATURES)[:_MOST_SIGNATURES]:
        if (text := _text(node).strip()) and not text.startswith("--"):
            node.insert_before("\n-- \n")


def _quote_from(node: LexborNode) -> None:
    following: list[LexborNode] = []
    sibling: LexborNode | None = node
    while sibling is not None:
        following.append(sibling)
        sibling = sibling.next
    for one in following:
        _quote(one)


def _next_tag(node: LexborNode) -> str | None:
    sibling = node.next
    while sibling is not None and (sibling.tag == "br" or not _text(sibling).strip()):
        sibling = sibling.next
    return sibling.tag if sibling is not None else None


def _quote(node: LexborNode) -> None:
    lines = (line.strip() for line in _text(node).split("\n"))
    node.replace_with("\n" + "\n".join(f"> {line}" for line in lines if line) + "\n")


def _text(node: LexborNode) -> str:
    return node.text() or ""
