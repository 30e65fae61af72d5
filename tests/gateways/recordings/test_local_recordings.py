"""Recordings in a PBX's folder: by name or day, whole, and nothing from outside it; and the folder they are kept in."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tasks.gateways.recordings.contents import Contents
from tasks.gateways.recordings.local_folder import read_local
from tasks.rules.recordings.course import RecordingError
from tests.samples.sounds import mp3, wav

DAYS = (date(2026, 11, 17), date(2026, 11, 18))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "monitor"
    made.mkdir()
    (tmp_path / "secret.wav").write_bytes(wav())
    return made


def _put(folder: Path, name: str, content: bytes, age_seconds: float = 60.0) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    os.utime(file, (time.time() - age_seconds,) * 2)


def _reason(folder: Path, name: str) -> str:
    with pytest.raises(RecordingError) as caught:
        list(read_local(folder, name, DAYS))
    return caught.value.reason


@pytest.mark.parametrize(
    ("put", "told"),
    [
        ("a.wav", "a.wav"),
        ("2026/11/17/a.wav", "a.wav"),
        ("2026/11/18/a.wav", "a.wav"),
        ("q/a.wav", "q/a.wav"),
        ("a.wav", "a"),
        ("a.mp3", "a.wav"),
        ("2026/11/17/in-+79000000501-1.5.wav", "in-+79000000501-1.5"),
        ("запись 1.wav", "запись 1.wav"),
    ],
)
def test_a_file_is_found_by_name_or_day(folder: Path, put: str, told: str) -> None:
    content = mp3() if put.endswith("mp3") else wav()
    _put(folder, put, content)
    assert b"".join(read_local(folder, told, DAYS)) == content


def test_a_whole_path_is_taken_within_the_folder(folder: Path) -> None:
    _put(folder, "x/a.wav", wav(3.0))
    assert b"".join(read_local(folder, str(folder / "x" / "a.wav"), DAYS)) == wav(3.0)


@pytest.mark.parametrize(
    "name",
    [
        "../secret.wav",
        "x/../../secret.wav",
        "/etc/passwd",
        "..",
        ".",
        "/",
        "link.wav",
        "a\0.wav",
        "../../../etc/passwd",
    ],
)
def test_nothing_outside_is_read(folder: Path, name: str) -> None:
    (folder / "link.wav").symlink_to(folder.parent / "secret.wav")
    assert _reason(folder, name) == "outside_folder"


def test_what_is_missing_or_still_written_is_asked_for_again(folder: Path) -> None:
    assert _reason(folder, "a.wav") == "not_there"
    assert _reason(folder, "a" * 300) == "bad_answer"
    (folder / "sub.wav").mkdir()
    assert _reason(folder, "sub.wav") == "not_there"
    _put(folder, "b.mp3", mp3(), age_seconds=1.0)
    assert _reason(folder, "b.mp3") == "growing"
    _put(folder, "c.wav", wav()[:-100], age_seconds=1.0)
    assert _reason(folder, "c.wav") == "growing"
    assert _reason(folder / "nowhere", "a.wav") == "unreachable"


def test_a_file_that_grows_while_it_is_read_is_not_taken(folder: Path) -> None:
    _put(folder, "a.wav", wav(60.0))
    reading = read_local(folder, "a.wav", DAYS)
    next(reading)
    with (folder / "a.wav").open("ab") as file:
        file.write(b"more")
    with pytest.raises(RecordingError, match="growing"):
        list(reading)


def test_the_same_content_is_kept_once_and_half_of_one_never(tmp_path: Path) -> None:
    contents = Contents(tmp_path)
    first, second = (contents.receive(iter([wav()[:500], wav()[500:]]), 10**6) for _ in range(2))
    assert not contents.path_of(first.sha256).exists()
    for received in (first, second):
        contents.place(received)
    assert contents.path_of(first.sha256).read_bytes() == wav()
    assert sum(file.is_file() for file in tmp_path.rglob("*")) == 1
    contents.drop(first.sha256)
    contents.drop(first.sha256)
    assert sum(file.is_file() for file in tmp_path.rglob("*")) == 0


def test_what_a_killed_run_left_is_swept_after_an_hour(tmp_path: Path) -> None:
    contents = Contents(tmp_path)
    assert contents.sweep() == 0
    old, new = (contents.receive(iter([wav()]), 10**6) for _ in range(2))
    os.utime(old.path, (time.time() - 3700,) * 2)
    assert (contents.sweep(), old.path.exists(), new.path.exists()) == (1, False, True)


@pytest.mark.parametrize(("size", "reason"), [(10, "too_large"), (10**6, "no_audio")])
def test_a_flood_or_a_page_ends_early(tmp_path: Path, size: int, reason: str) -> None:
    taken = []

    def chunks() -> Iterator[bytes]:
        for number in range(1000):
            taken.append(number)
            yield b"<html>" * 100

    with pytest.raises(RecordingError) as caught:
        Contents(tmp_path).receive(chunks(), size)
    assert caught.value.reason == reason
    assert len(taken) < 20
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
