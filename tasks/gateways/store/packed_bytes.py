"""What came in from outside, packed to be stored: quickly rather than tightly, for every mail goes through here."""

from __future__ import annotations

import zlib

_LEVEL = 1
# Of most mails the library's tables are larger than the mail, and filling them takes longer than packing it.
_SMALL_BYTES = 2**14
_SMALL_WINDOW_BITS, _SMALL_MEMORY_LEVEL = 13, 5


def packed(raw: bytes) -> bytes:
    """The bytes as zlib (RFC 1950) packs them; `zlib.decompress` gives them back."""
    if len(raw) > _SMALL_BYTES:
        return zlib.compress(raw, _LEVEL)
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _SMALL_WINDOW_BITS, _SMALL_MEMORY_LEVEL)
    return packer.compress(raw) + packer.flush()
