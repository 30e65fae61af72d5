"""Recordings in the forms that telephone systems write, as short as they can be; silence, made on the spot."""

from __future__ import annotations

import struct


def wav(seconds: float = 1.0, *, mark: bytes = b"") -> bytes:
    """PCM, 8,000 samples a second; `mark` makes it a content of its own."""
    data = mark + bytes(int(seconds * 16000))
    form = struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    body = b"WAVEfmt " + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mp3(frames: int = 20) -> bytes:
    """MPEG 1 layer III, 64 kbit/s, 32,000 samples a second: 288 bytes a frame."""
    return (b"\xff\xfb\x58\xc4" + bytes(284)) * frames


def ogg() -> bytes:
    """The first page of an Ogg stream."""
    return b"OggS" + bytes(24) + b"\x01\x1eOpusHead" + bytes(500)


def gsm(frames: int = 50) -> bytes:
    """GSM 06.10 as RFC 3551 packs it."""
    return (b"\xd8\x20\xa2\xe1\x5a" + bytes(28)) * frames


SOUNDS = {"audio/wav": wav(), "audio/mpeg": mp3(), "audio/ogg": ogg(), "audio/x-gsm": gsm()}
