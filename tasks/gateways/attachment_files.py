"""Attachments in the files folder, named by their content: the same bytes are kept once, half a file never appears."""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import tempfile
from pathlib import Path

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"GIF8", "image/gif", ".gif"),
    (b"BM", "image/bmp", ".bmp"),
    (b"II*\x00", "image/tiff", ".tif"),
    (b"MM\x00*", "image/tiff", ".tif"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", ".doc"),
    (b"{\\rtf", "application/rtf", ".rtf"),
    (b"Rar!\x1a\x07", "application/vnd.rar", ".rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", ".7z"),
    (b"\x1f\x8b", "application/gzip", ".gz"),
    (b"OggS", "audio/ogg", ".ogg"),
    (b"ID3", "audio/mpeg", ".mp3"),
    (b"MZ", "application/vnd.microsoft.portable-executable", ".exe.bin"),
    (b"\x7fELF", "application/x-executable", ".bin"),
)
_OFFICE = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text", ".odt"),
    (
        b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.spreadsheet",
        ".ods",
    ),
)
_HTML = re.compile(rb"\s*(?:<!doctype html|<html|<head|<body|<script)", re.IGNORECASE)
_SNIFF_BYTES = 65_536


def content_type_of(content: bytes) -> tuple[str, str]:
    """Media type and file ending by the content itself; the sender's word is not asked."""
    head = content[:_SNIFF_BYTES]
    if head.startswith(b"PK\x03\x04"):
        found = next(((kind, ending) for mark, kind, ending in _OFFICE if mark in head), None)
        return found or ("application/zip", ".zip")
    if head.startswith(b"RIFF") and head[8:12] in (b"WEBP", b"WAVE"):
        return ("image/webp", ".webp") if head[8:12] == b"WEBP" else ("audio/wav", ".wav")
    for signature, kind, ending in _SIGNATURES:
        if head.startswith(signature):
            return kind, ending
    return _text_type(head)


def _text_type(head: bytes) -> tuple[str, str]:
    if b"\x00" in head:
        return "application/octet-stream", ".bin"
    if _HTML.match(head):
        return "text/html", ".html.txt"
    if head.lstrip().startswith(b"<?xml"):
        return "application/xml", ".xml"
    try:
        # the last letter may be cut in two where looking ended
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < _SNIFF_BYTES)
    except UnicodeDecodeError:
        return "application/octet-stream", ".bin"
    return "text/plain", ".txt"


def path_of(folder: Path, sha256: str) -> Path:
    """Where content with this hash is kept."""
    return folder / sha256[:2] / sha256


def kept_type(folder: Path, sha256: str) -> tuple[str, str]:
    """Media type and file ending of what is kept under this hash. Raises OSError."""
    with path_of(folder, sha256).open("rb") as opened:
        return content_type_of(opened.read(_SNIFF_BYTES))


def keep_file(folder: Path, content: bytes) -> str:
    """Keep the bytes and return their SHA-256: written beside, forced to disk, then renamed. Raises OSError."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(folder, sha256)
    if path.exists() and path.stat().st_size == len(content):
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).rename(path)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise
    sync_folder(path.parent)
    return sha256


def sync_folder(folder: Path) -> None:
    """Force to disk which files the folder holds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
