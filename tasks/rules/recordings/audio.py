"""Whether bytes are a recording, by the bytes themselves: WAV, MP3, Ogg, and GSM as telephone systems write it raw."""

from __future__ import annotations

from dataclasses import dataclass

HEAD_BYTES = 4096
"""So much of the beginning is enough to tell."""

_GSM_FRAME_BYTES = 33  # RFC 3551 4.5.8: 33 bytes a frame, the first half byte is 1101
_GSM_MARK = 0xD
_LEAST_FRAMES = 2
_RIFF_HEADER_BYTES = 8
_UNTOLD = (0, 0xFFFFFFFF)
_SETTLED_SECONDS = 30.0
# ISO 11172-3 and 13818-3, layer III: kilobits a second by the index of the header, samples a second by version
_KILOBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KILOBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_VERSION_1, _LAYER_3 = 3, 1


@dataclass(frozen=True, slots=True)
class Audio:
    """Media type and file ending of a recording."""

    content_type: str
    ending: str


_WAV, _OGG = Audio("audio/wav", ".wav"), Audio("audio/ogg", ".ogg")
_MP3, _GSM = Audio("audio/mpeg", ".mp3"), Audio("audio/x-gsm", ".gsm")
_ALL = (_WAV, _OGG, _MP3, _GSM)


def audio_of(head: bytes) -> Audio | None:
    """What the first HEAD_BYTES say; None for whatever is no recording, also when its name says that it is one."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _WAV
    if head[:4] == b"OggS":
        return _OGG
    if head[:3] == b"ID3" or _is_mp3(head):
        return _MP3
    return _GSM if _is_gsm(head) else None


def ending_of(content_type: str) -> str:
    """The file ending of a media type; '.bin' for one that is none of ours."""
    return next((audio.ending for audio in _ALL if audio.content_type == content_type), ".bin")


def is_settled(head: bytes, size_bytes: int, unchanged_seconds: float) -> bool:
    """Whether a file is written to its end: a WAV file that holds what its header says, or one that rests a while."""
    told = int.from_bytes(head[4:8], "little") if audio_of(head) is _WAV else 0
    if told not in _UNTOLD and size_bytes >= told + _RIFF_HEADER_BYTES:
        return True
    return unchanged_seconds >= _SETTLED_SECONDS


def _is_mp3(head: bytes) -> bool:
    """Two frames of MPEG layer III in a row; one alone is too easily something else."""
    length = _frame_bytes(head)
    return bool(length) and bool(_frame_bytes(head[length:]))


def _frame_bytes(head: bytes) -> int:
    """The length of the MPEG frame that begins here; 0 when none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, frequency, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if layer != _LAYER_3 or version not in _SAMPLES or not 0 < rate < len(_KILOBITS_1) or frequency == 3:
        return 0
    kilobits = (_KILOBITS_1 if version == _VERSION_1 else _KILOBITS_2)[rate]
    slots = 144 if version == _VERSION_1 else 72
    return slots * kilobits * 1000 // _SAMPLES[version][frequency] + padding


def _is_gsm(head: bytes) -> bool:
    begins = range(0, len(head) - _GSM_FRAME_BYTES + 1, _GSM_FRAME_BYTES)
    return len(begins) >= _LEAST_FRAMES and all(head[at] >> 4 == _GSM_MARK for at in begins)
