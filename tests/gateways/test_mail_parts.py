"""Parts of a message; the standard library's parser is the second opinion on everything it writes itself."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage, Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.gateways.mail_parts import MAX_PARTS, Part, leaves
from tasks.rules.mail.header_block import read_raw

_WORDS = st.text(st.sampled_from("abж \t\n-=\r"), max_size=200)
_CHARSETS = st.sampled_from(["utf-8", "koi8-r"])


def parts(raw: bytes) -> list[Part]:
    return list(leaves(read_raw(raw)))


def contents(raw: bytes) -> list[bytes]:
    return [part.content() for part in parts(raw)]


def multipart(*bodies: str, kind: str = "mixed") -> bytes:
    inner = "".join(f"--b\r\n{body}\r\n" for body in bodies)
    return f"Content-Type: multipart/{kind}; boundary=b\r\n\r\npreamble\r\n{inner}--b--\r\nepilogue".encode()


@st.composite
def written_mails(draw: st.DrawFn) -> bytes:
    """Mails as a well-behaved program writes them: texts in several encodings, alternatives, files, nested mixes."""
    mail = EmailMessage()
    encoding = draw(st.sampled_from(["base64", "quoted-printable", "8bit"]))
    mail.set_content(draw(_WORDS), charset=draw(_CHARSETS), cte=encoding)
    if draw(st.booleans()):
        mail.add_alternative(f"<p>{draw(_WORDS)}</p>", subtype="html", charset=draw(_CHARSETS))
    for content in draw(st.lists(st.binary(max_size=300), max_size=3)):
        mail.add_attachment(content, "application", "pdf", filename=draw(st.sampled_from(["акт.pdf", "a b.pdf"])))
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"==={number}")
    return mail.as_bytes()


def by_library(part: Message) -> Iterator[tuple[str, bytes, str, str]]:
    if part.is_multipart():
        for child in part.get_payload():
            assert isinstance(child, Message)
            yield from by_library(child)
    else:
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        yield part.get_content_type(), content, part.get_content_charset() or "", part.get_filename() or ""


@given(written_mails())
def test_the_library_reads_the_same(raw: bytes) -> None:
    found = [(part.kind.type, part.content(), part.kind.charset, part.name) for part in parts(raw)]
    assert found == list(by_library(message_from_bytes(raw)))


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"A: b\r\n\r\nplain", [b"plain"]),
        (multipart("\r\none", "\r\ntwo"), [b"one", b"two"]),
        (multipart("\r\none\r\n", "\r\n--bb\r\n --b\r\n--b no\r\n--"), [b"one\r\n", b"--bb\r\n --b\r\n--b no\r\n--"]),
        (
            b"Content-Type: multipart/mixed; boundary=b\n\n--b  \n\none\n--b\n\nnever closed\n",
            [b"one", b"never closed\n"],
        ),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b", [b""]),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\nno part", [b"no part"]),
        (b"Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx", [b"--b\r\n\r\nx"]),
    ],
)
def test_boundaries(raw: bytes, found: list[bytes]) -> None:
    assert contents(raw) == found


@pytest.mark.parametrize(
    ("encoding", "body", "content"),
    [
        ("base64", "0JA=\r\n", "А".encode()),
        ("BASE64", "0JA", "А".encode()),
        ("base64", "0J!A=*=", "А".encode()),
        ("base64", "%%%", b""),
        ("quoted-printable", "=D0=90=\r\n=ZZ", "А=ZZ".encode()),
        ("x-uuencode", "begin 644 a\n#86)C\n`\nend\n", b"abc"),
        ("no-such-thing", "as it is", b"as it is"),
    ],
)
def test_transfer_encodings(encoding: str, body: str, content: bytes) -> None:
    assert contents(f"Content-Transfer-Encoding: {encoding}\r\n\r\n{body}".encode()) == [content]


def test_the_inner_boundary_ends_with_the_outer_one() -> None:
    inner = "Content-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\nopen"
    assert contents(multipart(inner, "\r\nlast")) == [b"open", b"last"]


def test_a_part_says_what_it_is() -> None:
    named = "Content-Type: text/plain; charset=KOI8-R; name*=utf-8''%D0%B0.txt\r\n\r\nx"
    shown = "Content-Disposition: attachment\r\n\r\nx"
    digest = [part.kind.type for part in parts(multipart("\r\nSubject: x\r\n\r\ny", kind="digest"))]
    first, second = parts(multipart(named, shown))
    assert (first.kind.charset, first.name, first.is_attached) == ("koi8-r", "а.txt", True)
    assert (second.kind.type, second.name, second.is_attached) == ("text/plain", "", True)
    assert digest == ["message/rfc822"]


@pytest.mark.parametrize("kind", ["text/html; charset*=; charset*1=x", "text/html; charset*0*=''; charset*=y"])
def test_parameters_that_nobody_can_read_leave_the_type(kind: str) -> None:
    [part] = parts(
        f"Content-Type: {kind}\r\nContent-Disposition: attachment; filename*=; filename*1=x\r\n\r\nx".encode()
    )
    assert (part.kind.type, part.is_attached, part.content()) == ("text/html", True, b"x")


def test_parts_and_depth_without_end_end() -> None:
    assert len(parts(multipart(*("\r\nx" for _ in range(MAX_PARTS * 3))))) == MAX_PARTS
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(10_000))
    assert parts(nested) == []
