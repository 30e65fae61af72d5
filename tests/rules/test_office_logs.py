"""Call logs of telephony.yaml: each kind needs its own keys; a mistake is told with its place."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.rules.office import CallLog, Telephony
from tasks.rules.office_files import OfficeParts
from tasks.rules.office_log_checks import check_logs
from tasks.rules.office_telephony import Manager


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
        {"kind": "zadarma", "folder": "exports"},
        {"kind": "zadarma", "url": "https://api.example", "secret": "zadarma"},
        {"kind": "twilio", "url": "http://127.0.0.1:8080", "secret": "twilio"},
        {"kind": "post", "post_secret": "pbx-token"},
        {"folder": "x", "ami": Manager("pbx.example:5038", "callout", "pbx-manager")},
        {
            "kind": "asterisk_table",
            "url": "sqlite:////cdr.db",
            "ami": Manager("[::1]:5039", "callout", "m", is_tls=True),
        },
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
        ({"kind": "zadarma"}, "folder", "is not named, nor a url"),
        ({"kind": "twilio", "url": "https://a.example", "secret": "b", "folder": "x"}, "url", "not both"),
        ({"kind": "twilio", "url": "http://a.example", "secret": "b"}, "url", "write https"),
        ({"kind": "zadarma", "url": "https://a.example"}, "secret", "key:secret is not named"),
        ({"kind": "twilio", "url": "https://a.example"}, "secret", "AccountSid:AuthToken is not named"),
        ({"kind": "zadarma", "url": "https://a.example", "secret": "b", "files": "x"}, "files", "nothing reads"),
        ({"kind": "twilio", "url": "api.example", "secret": "b"}, "url", "give url"),
        ({"kind": "asterisk_table", "url": "mysql://a:pass@h/db"}, "url", "holds a password"),
        ({"kind": "asterisk_table", "url": "mysql://h/db", "tables": "a;b"}, "tables", "after a comma"),
        ({"kind": "post"}, "post_secret", "only with a token"),
        ({"kind": "3cx", "folder": "x", "ami": Manager("pbx.example:5038", "u", "s")}, "ami", "no manager interface"),
        ({"folder": "x", "ami": Manager("pbx.example", "u", "s")}, "ami", "give host:port"),
        ({"folder": "x", "ami": Manager("pbx.example:70000", "u", "s")}, "ami", "give host:port"),
        ({"folder": "x", "ami": Manager("pbx.example:5038", "", "s")}, "ami", "user of manager.conf"),
        ({"folder": "x", "ami": Manager("pbx.example:5038", "u\r\nAction: x", "s")}, "ami", "user of manager.conf"),
        ({"folder": "x", "ami": Manager("pbx.example:5038", "u", "p w")}, "ami", "never the password"),
        ({"kind": "post", "post_secret": "p w"}, "post_secret", "never the password"),
        ({"kind": "post", "post_secret": "p", "people": {"1": "desk"}}, "people", "2 to 6 digits"),
    ],
)  # fmt: skip
def test_mistakes_are_told(values: dict[str, Any], key: str, reason: str) -> None:
    told = _flaws(**values)
    assert [place for place, text in told if reason in text] == [key], told
