"""Recordings asked for over TLS at a real server that redirects, drips, floods, lies about types and fails."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.gateways.recordings.contents import Contents
from tasks.gateways.recordings.web_address import read_web
from tasks.rules.office_recordings import RecordingSource
from tasks.rules.recordings.course import RecordingError
from tests.samples.certificates import self_signed
from tests.samples.recording_host import RecordingHost, recording_host
from tests.samples.sounds import wav


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS, and the file of its certificate."""
    folder = tmp_path_factory.mktemp("tls")
    return self_signed(folder), folder / "self-signed.pem"


@pytest.fixture
def host(tls: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordingHost]:
    """A server whose certificate this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tls[1]))
    with recording_host(tls[0]) as opened:
        yield opened


def _source(host: RecordingHost, **more: object) -> RecordingSource:
    source = RecordingSource("https", hosts=(host.host,), seconds=5, megabytes=1)
    return replace(source, **more)  # type: ignore[arg-type]  # test data


def _fetch(host: RecordingHost, folder: Path, path: str, secret: str = "", **more: object) -> bytes:
    source = _source(host, **more)
    contents = Contents(folder)
    received = contents.receive(read_web(source, host.url(path), secret), source.megabytes * 1_000_000)
    contents.place(received)
    assert received.content_type == "audio/wav"
    return contents.path_of(received.sha256).read_bytes()


@pytest.mark.parametrize("path", ["/good.wav", "/moved"])
def test_a_recording_is_fetched_whole(host: RecordingHost, tmp_path: Path, path: str) -> None:
    assert _fetch(host, tmp_path, path) == wav()
    kept = [file for file in (tmp_path / "recordings").rglob("*") if file.is_file()]
    assert len(kept) == 1
    assert kept[0].stat().st_mode & 0o077 == 0
    assert (tmp_path / "recordings").stat().st_mode & 0o077 == 0


def test_a_name_becomes_an_address_and_the_token_goes_along(host: RecordingHost, tmp_path: Path) -> None:
    host.contents["/r/call%201"] = wav()
    source = _source(host, url=host.url("/r/{name}"), secret="rec")
    for login, shown in (("", "Bearer s3cret"), ("office", "Basic b2ZmaWNlOnMzY3JldA==")):
        chunks = read_web(replace(source, login=login), "call 1", "s3cret")
        assert Contents(tmp_path).receive(chunks, 10**6).size_bytes == len(wav())
        assert host.asked[-1] == ("/r/call%201", shown)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/404", "not_there"), ("/410", "gone"), ("/401", "refused"), ("/403", "refused"), ("/429", "busy"),
        ("/503", "busy"), ("/500", "server_failed"), ("/502", "server_failed"), ("/400", "bad_answer"),
        ("/206", "bad_answer"), ("/away", "other_host"), ("/circle", "bad_answer"), ("/page", "no_audio"),
        ("/packed", "bad_answer"), ("/told-large", "too_large"), ("/endless", "too_large"), ("/cut", "unreachable"),
    ],
)  # fmt: skip
def test_whatever_else_is_answered_leaves_nothing(host: RecordingHost, tmp_path: Path, path: str, reason: str) -> None:
    with pytest.raises(RecordingError) as caught:
        _fetch(host, tmp_path, path, "s3cret")
    assert caught.value.reason == reason
    assert "127.0.0.1" not in str(caught.value)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


@pytest.mark.parametrize("path", ["/slow", "/silent"])
def test_it_ends_in_time(host: RecordingHost, tmp_path: Path, path: str) -> None:
    begun = time.monotonic()
    with pytest.raises(RecordingError) as caught:
        _fetch(host, tmp_path, path, seconds=1)
    assert caught.value.reason == "slow"
    assert time.monotonic() - begun < 9  # the host goes on for 10


def test_a_redirect_to_another_host_never_sees_the_token(host: RecordingHost, tmp_path: Path) -> None:
    with recording_host() as other:
        host.elsewhere = other.url("/good.wav")
        for hosts in ((host.host,), (host.host, other.host)):
            with pytest.raises(RecordingError) as caught:
                _fetch(host, tmp_path, "/away", "s3cret", hosts=hosts)
            assert caught.value.reason == "other_host"
        assert other.asked == []


def test_a_server_that_nobody_vouches_for_is_not_believed(tls: tuple[ssl.SSLContext, Path], tmp_path: Path) -> None:
    with recording_host(tls[0]) as stranger:
        with pytest.raises(RecordingError, match="unreachable"):
            _fetch(stranger, tmp_path, "/good.wav", "s3cret")
        assert stranger.asked == []


def test_nobody_there(tmp_path: Path) -> None:
    with recording_host() as host:
        pass
    with pytest.raises(RecordingError, match="unreachable"):
        _fetch(host, tmp_path, "/good.wav")
