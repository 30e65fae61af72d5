"""HTML for showing: what may stay, what must go, and nothing that is fetched from elsewhere."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from tasks.gateways.safe_html import clean_html, safe_html

LINK = 'rel="noopener noreferrer nofollow"'
REMOTE = re.compile(r"(?:src|background|poster|srcset|data)=\"(?!cid:)|url\s*\(", re.IGNORECASE)


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>Да</p><script>alert(1)</script>", "<p>Да</p>"),
        ("<p onclick='x()' style='color: red; position: fixed'>a</p>", '<p style="color:red">a</p>'),
        ('<img src="https://t.example.com/p.gif" width="1">', '<img width="1">'),
        ('<img src="//t.example.com/p.gif" alt="акт">', '<img alt="акт">'),
        ('<img src="data:image/svg+xml,<svg onload=1>">', "<img>"),
        ('<img src="cid:logo@x">', '<img src="cid:logo@x">'),
        ("<form action=/pay><input name=card>Оплатить</form>", "Оплатить"),
        ("<iframe src=https://x.example>x</iframe>y", "y"),
        ("<p style=\"background-color: url('https://t.example.com/x')\">a</p>", "<p>a</p>"),
        ("<table background='https://t.example.com/x'><tr><td>1</td></tr></table>", None),
        ("<style>@import 'https://t.example.com'</style><b>a</b>", "<b>a</b>"),
        ("<meta http-equiv=refresh content='0;url=https://x.example'>a", "a"),
        ("<base href='https://x.example/'><b>a", "<b>a</b>"),
        ("<svg><a xlink:href='javascript:x'>a</a></svg>b", "b"),
        ("a\x00b", "ab"),
    ],
)
def test_what_stays_and_what_goes(html: str, clean: str | None) -> None:
    found = clean_html(html)
    assert clean is None or found == clean
    assert not REMOTE.search(found)


def test_links_open_on_their_own_and_only_known_schemes_stay() -> None:
    found = clean_html('<a href="https://example.com" target="_top" ping="https://t.example.com">a</a>')
    assert LINK in found
    assert 'target="_blank"' in found
    assert "ping" not in found
    for href in ("javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x"):
        assert "href" not in clean_html(f'<a href="{href}">a</a>')
    assert 'href="tel:+79000000100"' in clean_html('<a href="tel:+79000000100">a</a>')


def test_it_is_made_from_the_stored_bytes() -> None:
    page = base64.b64encode("<p>Счёт</p><img src='http://t.example.com/1'>".encode("cp1251"))
    raw = (
        b"From: a@example.com\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nplain\r\n--b\r\n"
        b"Content-Type: text/html; charset=windows-1251\r\nContent-Transfer-Encoding: base64\r\n\r\n" + page + b"\r\n"
        b"--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename=x.html\r\n\r\n<p>no</p>\r\n--b--"
    )
    assert safe_html(raw) == "<p>Счёт</p><img>"
    assert safe_html(b"From: a@example.com\r\n\r\nplain") == ""


def test_a_page_without_end_is_text() -> None:
    for html in (
        "<div>" * 100_000 + "<b>конец",
        "<div>" * 19_000 + "конец" + "</div>" * 19_000,
        "<br>" * 21_000 + "конец",
    ):
        assert clean_html(html).strip().endswith("конец")


PIECES = st.sampled_from(
    [
        "<img src=", "'https://t.example.com/x'", "<script>", "</script>", "<a href='", "javascript:", "cid:x", '"',
        ">", "<!--", "<svg>", "<style>", "url(", "<p style='", "background:", "</p>", "&lt;", "\x00", "текст",
        "<noscript>", "<math><mtext>",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_no_mixture_runs_or_reaches_out(pieces: list[str]) -> None:
    for node in LexborHTMLParser(clean_html("".join(pieces))).css("body *"):
        assert node.tag in ("a", "img", "p", "b"), node.tag
        values = {name: value or "" for name, value in node.attributes.items()}
        assert not [name for name in values if name.startswith("on")]
        assert values.get("src", "cid:").startswith("cid:")
        assert values.get("href", "https://").startswith(("https://", "mailto:", "tel:"))
        assert "url(" not in values.get("style", "")
