"""Small files to attach to sample letters, the same bytes every time."""

from __future__ import annotations

import struct
import zlib

CONTENT_TYPES = {"pdf": "application/pdf", "png": "image/png", "text": "text/plain; charset=utf-8"}
_SIDE = 24


def file_bytes(kind: str, text: str) -> bytes:
    """A file of `kind` (pdf, png, text) that says `text`; a PDF takes ASCII, a picture takes its colours from it."""
    return {"pdf": _pdf, "png": _png, "text": _plain}[kind](text)


def _plain(text: str) -> bytes:
    return f"{text}\n".encode()


def _pdf(text: str) -> bytes:
    """One A4 page with one line in Helvetica (ISO 32000)."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    drawing = f"BT /F1 14 Tf 60 780 Td ({escaped}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    content = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))
    return content + head + table + tail


def _png(text: str) -> bytes:
    """A square of stripes; stored, not compressed, because deflate's bytes differ between zlib builds."""
    colours = text.encode() or b"\0"
    rows = b"".join(
        b"\0" + b"".join(bytes((colours[(x + y) % len(colours)], y * 10, x * 10)) for x in range(_SIDE))
        for y in range(_SIDE)
    )
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
