"""What a server may say while a folder is watched. The watching itself is tested with the listener."""

from __future__ import annotations

import pytest

from tasks.gateways.imap_idle import _has_news


@pytest.mark.parametrize(
    ("responses", "is_news"),
    [
        ([], False),
        ([(b"OK", b"Still here")], False),
        ([(3, b"EXPUNGE"), (2, b"FETCH", (b"FLAGS", ()))], False),
        ([(b"OK", b"Still here"), (4, b"EXISTS"), (1, b"RECENT")], True),
    ],
)
def test_only_a_grown_folder_is_news(responses: list[tuple[object, ...]], is_news: bool) -> None:
    assert _has_news(responses) is is_news


def test_a_server_that_says_goodbye_is_left() -> None:
    with pytest.raises(ConnectionAbortedError):
        _has_news([(b"BYE", b"shutting down")])
