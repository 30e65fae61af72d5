"""Recordings in telephony.yaml: each way needs its own keys; a mistake is told with its place."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.rules.office import CallLog, Line, Telephony
from tasks.rules.office_files import OfficeParts
from tasks.rules.office_recording_checks import check_recordings
from tasks.rules.office_recordings import RecordingRules, RecordingSource

WEB = {"way": "https", "hosts": ("files.example",)}


def _flaws(telephony: Telephony) -> list[tuple[str, str]]:
    parts = OfficeParts.__new__(OfficeParts)
    object.__setattr__(parts, "telephony", telephony)
    object.__setattr__(parts, "head", type("Head", (), {"roles": {"head": {}}}))
    return [("/".join(map(str, flaw.path)), flaw.reason) for flaw in check_recordings(parts)]


def _source(**values: Any) -> list[tuple[str, str]]:
    log = CallLog("pbx", "/var/log/asterisk", "Europe/Moscow", recordings=RecordingSource(**values))
    return _flaws(Telephony((log,)))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"way": "folder", "folder": "/var/spool/asterisk/monitor"},
        WEB,
        WEB | {"secret": "rec-token", "url": "https://files.example/r/{name}", "megabytes": 5, "seconds": 9},
        WEB | {"login": "office", "secret": "rec-password"},
        {"way": "link", "hosts": ("files.example:8443",), "url": "https://files.example:8443/?id={name}"},
        {"way": "https", "hosts": ("127.0.0.1:8080",), "url": "http://127.0.0.1:8080/{name}"},
    ],
)
def test_each_way_as_it_should_be(values: dict[str, Any]) -> None:
    assert _source(**values) == []


@pytest.mark.parametrize(
    ("values", "key", "reason"),
    [
        ({"way": "folder"}, "folder", "not named"),
        ({"way": "https"}, "hosts", "name at least one"),
        ({"way": "link"}, "hosts", "name at least one"),
        ({"folder": "x"}, "folder", "nothing reads it"),
        ({"way": "folder", "folder": "x", "hosts": ("a.example",)}, "hosts", "nothing reads it"),
        ({"way": "folder", "folder": "x", "secret": "s"}, "secret", "nothing reads it"),
        ({"way": "link", "hosts": ("a.example",), "secret": "s"}, "secret", "nothing reads it"),
        (WEB | {"hosts": ("https://a.example",)}, "hosts/0", "no host"),
        (WEB | {"hosts": ("",)}, "hosts/0", "no host"),
        (WEB | {"login": "office"}, "secret", "needs the name of its password"),
        (WEB | {"secret": "p w"}, "secret", "never the password"),
        (WEB | {"megabytes": 0}, "megabytes", "1 to 1000"),
        (WEB | {"seconds": 10**9}, "seconds", "1 to 3600"),
        (WEB | {"url": "http://files.example/{name}"}, "url", "https only"),
        (WEB | {"url": "https://files.example/"}, "url", "stands once"),
        (WEB | {"url": "https://{name}.files.example/"}, "url", "behind the host"),
        (WEB | {"url": "https://other.example/{name}"}, "url", "does not name"),
        (WEB | {"url": "https://a:b@files.example/{name}"}, "url", "holds a login"),
    ],
)
def test_mistakes_are_told(values: dict[str, Any], key: str, reason: str) -> None:
    told = _source(**values)
    assert (f"logs/0/recordings/{key}", True) in [(place, reason in text) for place, text in told], told


def test_times_and_roles() -> None:
    line = Line("+79000000100", "Office", open_to=("head", "hed"))
    told = _flaws(Telephony((), (line,), recordings=RecordingRules(-1, 0, ("manager", "nobody"))))
    assert [place for place, _ in told] == [
        "recordings/keep_days",
        "recordings/give_up_hours",
        "recordings/open_to/1",
        "lines/0/open_to/1",
    ]
