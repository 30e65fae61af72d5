"""Call logs of telephony.yaml: each kind needs its own keys; a mistake is told with its place."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.rules.office import CallLog, Telephony
from tasks.rules.office_files import OfficeParts
from tasks.rules.office_log_checks import check_logs


def _flaws(**values: Any) -> list[tuple[str, str]]:
    log = CallLog(**{"name": "pbx", "time_zone": "Europe/Moscow"} | values)
    parts = OfficeParts.__new__(OfficeParts)
    object.__setattr__(parts, "telephony", Telephony((log,)))
    return [(str(flaw.path[2]), flaw.reason) for flaw in check_logs(parts)]


@pytest.mark.parametrize(
    "values",
    [
        {"folder": "/var/log/asterisk"},
        {"kind": "mango", "folder": "exports", "files": "stat*.csv"},
        {"kind": "asterisk_table", "url": "mysql+pymysql://asterisk@pbx.example/cdrdb", "secret": "cdr-password"},
        {"kind": "asterisk_table", "url": "sqlite:////var/lib/cdr.db", "tables": "cdr, queue_log"},
        {"kind": "bitrix24", "url": "https://north.example/rest/1", "secret": "bitrix", "people": {"17": "101"}},
        {"kind": "post", "post_secret": "pbx-token"},
    ],
)
def test_each_kind_as_it_should_be(values: dict[str, Any]) -> None:
    assert _flaws(**values) == []


@pytest.mark.parametrize(
    ("values", "key", "reason"),
    [
        ({"folder": ""}, "folder", "is not named"),
        ({"folder": "x", "time_zone": ""}, "time_zone", "no time zone"),
        ({"folder": "x", "url": "http://x"}, "url", "nothing asks this url"),
        ({"folder": "x", "files": "a/b.csv"}, "files", "without /"),
        ({"folder": "x", "columns": "${CDR(src)},${CDR(dst)}"}, "columns", "do not name start, end"),
        ({"folder": "x", "post_secret": "t"}, "post_secret", "use kind post"),
        ({"kind": "bitrix24", "url": "http://north.example/rest/1", "secret": "b"}, "url", "write https"),
        ({"kind": "bitrix24", "url": "https://a.example/rest/1"}, "secret", "token is not named"),
        ({"kind": "bitrix24", "secret": "b"}, "url", "give url"),
        ({"kind": "bitrix24", "url": "https://a.example/1", "secret": "b", "folder": "x"}, "folder", "nothing reads"),
        ({"kind": "asterisk_table", "url": "mysql://a:pass@h/db"}, "url", "holds a password"),
        ({"kind": "asterisk_table", "url": "mysql://h/db", "tables": "a;b"}, "tables", "after a comma"),
        ({"kind": "post"}, "post_secret", "only with a token"),
        ({"kind": "post", "post_secret": "p w"}, "post_secret", "never the password"),
        ({"kind": "post", "post_secret": "p", "people": {"1": "desk"}}, "people", "2 to 6 digits"),
    ],
)  # fmt: skip
def test_mistakes_are_told(values: dict[str, Any], key: str, reason: str) -> None:
    told = _flaws(**values)
    assert [place for place, text in told if reason in text] == [key], told
