"""What bytes are recordings: told by themselves, whatever their name or their server says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.recordings.audio import HEAD_BYTES, audio_of, ending_of, is_settled
from tests.samples.sounds import SOUNDS, mp3, wav


@pytest.mark.parametrize("content_type", SOUNDS)
def test_each_form_is_known(content_type: str) -> None:
    audio = audio_of(SOUNDS[content_type][:HEAD_BYTES])
    assert audio is not None
    assert (audio.content_type, ending_of(content_type)) == (content_type, audio.ending)


@pytest.mark.parametrize(
    "head",
    [
        b"", b"R", b"RIFF\x00\x00\x00\x00WEBP", b"<html><body>Not found</body></html>", b"%PDF-1.7", b"PK\x03\x04",
        b"\x00" * 4096, b"\xff" * 4096, b"\xff\xfb", b"\xff\xfb\x58\xc4" + bytes(4092), b"\xd0" + bytes(200),
        b'{"error": "expired_token"}', b"MZ" + bytes(500), b"GIF89a" + bytes(500), "Ваша запись".encode() * 50,
    ],
)  # fmt: skip
def test_other_content_is_none(head: bytes) -> None:
    assert audio_of(head) is None


def test_an_mp3_with_tags_and_one_of_the_second_version_are_known() -> None:
    second = (b"\xff\xf3\x48\xc4" + bytes(212)) * 3  # 32 kbit/s at 24,000 a second: 96 bytes less than this
    assert audio_of(b"ID3\x03\x00" + bytes(50)) == audio_of(mp3())
    assert audio_of(second) is None
    exact = (b"\xff\xf3\x44\xc4" + bytes(92)) * 3
    assert audio_of(exact) == audio_of(mp3())


@given(st.binary(max_size=600))
def test_no_bytes_break_it(head: bytes) -> None:
    audio = audio_of(head)
    assert audio is None or audio.content_type in SOUNDS


@pytest.mark.parametrize(
    ("content", "rest_seconds", "expected"),
    [
        (wav(), 0.0, True),
        (wav()[:-1], 0.0, False),
        (wav()[:-1], 31.0, True),
        (wav(), -5.0, True),
        (b"RIFF\x00\x00\x00\x00WAVE" + bytes(99), 5.0, False),
        (b"RIFF\xff\xff\xff\xffWAVE" + bytes(99), 31.0, True),
        (mp3(), 5.0, False),
        (mp3(), 31.0, True),
    ],
)
def test_a_file_is_taken_when_it_is_written_to_its_end(content: bytes, rest_seconds: float, expected: bool) -> None:
    assert is_settled(content[:HEAD_BYTES], len(content), rest_seconds) is expected
