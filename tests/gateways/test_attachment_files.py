"""Attachments by content, with safe names."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tasks.gateways.attachment_files import content_type_of, keep_file, path_of


def archive(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return data.getvalue()


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"%PDF-1.7\n", ".pdf"),
        (b"\x89PNG\r\n\x1a\n", ".png"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (archive("word/document.xml"), ".docx"),
        (archive("xl/workbook.xml"), ".xlsx"),
        (archive("readme.txt"), ".zip"),
        (b"MZ\x90\x00", ".exe.bin"),
        (b"<HTML><script>", ".html.txt"),
        ("Акт выполненных работ".encode(), ".txt"),
        (b"RIFF\x00\x00\x00\x00WEBP", ".webp"),
        (b"\x00\x01\x02", ".bin"),
        (("я" * 40_000).encode(), ".txt"),
        (b"", ".txt"),
    ],
)
def test_the_content_says_what_it_is(content: bytes, ending: str) -> None:
    assert content_type_of(content)[1] == ending


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    names = {keep_file(tmp_path, b"act"), keep_file(tmp_path, b"act")}
    [sha256] = names
    assert path_of(tmp_path, sha256).read_bytes() == b"act"
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 1


def test_a_half_written_file_is_written_anew(tmp_path: Path) -> None:
    sha256 = keep_file(tmp_path, b"act")
    path_of(tmp_path, sha256).write_bytes(b"a")
    keep_file(tmp_path, b"act")
    assert path_of(tmp_path, sha256).read_bytes() == b"act"
