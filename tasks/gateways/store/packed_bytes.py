"""What came in from outside, packed to be stored: quickly rather than tightly, for every mail goes through here."""

from __future__ import annotations

import zlib

_LEVEL = 1


def packed(raw: bytes) -> bytes:
    """The bytes as zlib (RFC 1950) packs them; `zlib.decompress` gives them back."""
    return zlib.compress(raw, _LEVEL)
