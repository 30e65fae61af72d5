"""Mail as nobody should write it, one of every kind that has brought a mail program down."""

from __future__ import annotations

import base64
import io
import zipfile

HEAD = b"From: petr@example.com\r\nSubject: bad\r\nMessage-ID: <%b@example.com>\r\n"


def _bomb() -> bytes:
    """A zip whose one file unpacks to a gigabyte would be ten lines more; 50 MB of zeros show the same."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.bin", b"\x00" * 50_000_000)
    return packed.getvalue()


def _attached(content: bytes, kind: bytes = b"application/zip", name: bytes = b"act.zip") -> bytes:
    return (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee\r\n--b\r\nContent-Type: " + kind + b"\r\n"
        b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=" + name + b"\r\n\r\n"
        + base64.encodebytes(content) + b"--b--\r\n"
    )  # fmt: skip


def _in_each_other(count: int) -> bytes:
    return b"Content-Type: message/rfc822\r\n\r\n" * count + b"Subject: innermost\r\n\r\nx"


def _nested(count: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(count))


def _beside(count: int) -> bytes:
    part = b"--b\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n"
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * count + b"--b--\r\n"


BOMB = _bomb()
BAD: dict[str, bytes] = {
    "unknown charset": b"Content-Type: text/plain; charset=x-martian\r\n\r\n\xcf\xf0\xe8\xe2\xe5\xf2",
    "lying charset": b"Content-Type: text/plain; charset=us-ascii\r\n\r\n\xff\xfe\xcf\xf0\xe8\xe2\xe5\xf2 \xd0\x9f",
    "charset of another kind": b"Content-Type: text/plain; charset=base64\r\n\r\nxxx",
    "charset is a codec": b"Content-Type: text/plain; charset=zip\r\n\r\nxxx",
    "parts within parts": _nested(10_000),
    "parts beside parts": _beside(10_000),
    "no Message-ID": b"Message-ID:\r\nMessage-ID: <>\r\n\r\nx",
    "64 KB header": b"X-Long: " + b"y" * 65_536 + b"\r\nReferences: " + b"<a@b> " * 11_000 + b"\r\n\r\nx",
    "64 KB subject": b"Subject: " + b"=?utf-8?q?=D0=9F?= " * 3_500 + b"\r\n\r\nx",
    "64 KB of folds": b"Subject: a" + b"\r\n " * 22_000 + b"b\r\n\r\nx",
    "many headers": b"".join(b"X-%d: y\r\n" % n for n in range(20_000)) + b"\r\nx",
    "NUL bytes": b"Subject: a\x00b\r\nContent-Type: text/plain\r\n\r\nx\x00y\x00",
    "truncated base64": b"Content-Transfer-Encoding: base64\r\n\r\n0J/RgNC40LLQtdG" + b"\r\n",
    "base64 of nothing": b"Content-Transfer-Encoding: base64\r\n\r\n====!!!!",
    "broken quoted-printable": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=D0=9=ZZ=\r\n=",
    "messages in messages": _in_each_other(5_000),
    "header injection": b"Subject: =?utf-8?q?hi=0D=0ABcc:_all=40example.com=0D=0A=0D=0Abody?=\r\n\r\nx",
    "injected sender": b"From: =?utf-8?q?a=0ABcc=3Ax=40example.com?= <a@example.com>\r\n\r\nx",
    "10,000 recipients": b"To: " + b",\r\n ".join(b"u%d@example.com" % n for n in range(10_000)) + b"\r\n\r\nx",
    "date 1970": b"Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n\r\nx",
    "date 2099": b"Date: Thu, 31 Dec 2099 23:59:59 +1400\r\n\r\nx",
    "date garbage": b"Date: 99 Foo 0000 99:99:99 +9999\r\n\r\nx",
    "zip bomb": _attached(BOMB),
    "program as picture": _attached(b"MZ\x90\x00", b"image/png", b'"../../a.png"'),
    "no end of boundary": b"Content-Type: multipart/mixed; boundary=" + b"-" * 5_000 + b"\r\n\r\n--x",
    "boundary of nothing": b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx\r\n----\r\n',
    "every line a boundary": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 100_000,
    "empty parameters": b"Content-Type: ;;;=;charset*0*=x''%;charset*1=\r\nContent-Disposition: ;filename*=\r\n\r\nx",
    "html without end": b"Content-Type: text/html\r\n\r\n" + b"<div><b " * 50_000,
    "report without end": b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: message/delivery-status\r\n\r\n" + b"Final-Recipient: rfc822; \nAction: failed\n\n" * 20_000,
    "bounce of one word": b"Return-Path: <>\r\nSubject: delivery failed\r\n\r\n" + b"a" * 900_000,
}  # fmt: skip


def bad_mail(name: str) -> bytes:
    """The whole message; its Message-ID tells the kinds apart."""
    return HEAD % name.replace(" ", "-").replace(",", "").encode() + BAD[name]
