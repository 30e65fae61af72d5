"""A mistake in the office folder is refused with its file, line and reason; the sample company is right."""

from __future__ import annotations

import json
import shutil
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.gateways.office_folder import load_office
from tasks.gateways.strict_yaml import parse_yaml
from tasks.rules.errors import OfficeError

SAMPLE = Path(__file__).resolve().parents[2] / "deployments" / "office"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample company to spoil."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "office"))


def _spoil(folder: Path, file: str, old: str, new: str) -> int:
    """Replace the first `old` of a file; returns the line it stood in."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def _problems(folder: Path) -> list[str]:
    with pytest.raises(OfficeError) as caught:
        load_office(folder)
    return caught.value.problems


# file, what is replaced, by what, the line below the replaced text's first line, part of the reason
MISTAKES = [
    ("office.yaml", "time_zone: Europe/Moscow", "time_zone: Europe/Moskva", 0, "'Europe/Moskva' is no time zone"),
    ("office.yaml", "domain: north-service.example", "domain: north_service", 0, "is no domain"),
    ("office.yaml", "currency: RUB", "currency: руб", 0, "no currency code"),
    ("office.yaml", "language: ru", "language: de", 0, "must be 'ru' or 'en'"),
    ("office.yaml", "opens: 09:00", "opens: 9", 0, "write a time as 09:30"),
    ("office.yaml", "closes: 18:00", "closes: 08:00", 0, "not after opens"),
    ("office.yaml", "opens: 09:00", "opens: 09:00Z", 0, "without a zone"),
    ("office.yaml", "weekdays: [0, 1, 2, 3, 4]", "weekdays: [0, 7]", 0, "weekday 7"),
    ("office.yaml", "  country: RU", "  country: RUS", 0, "is no country code"),
    ("office.yaml", "  country: RU", "  contry: RU", 0, "unknown key 'contry'; did you mean 'country'?"),
    ("office.yaml", "take_hours: 2", "take_hours: two", 0, "write a whole number"),
    ("office.yaml", 'login: ""', 'login: "robot"', 0, "login and secret go together"),
    ("office.yaml", 'secret: ""', "password: hunter2", 0, "no passwords here; write `secret: NAME`"),
    ("office.yaml", "  mail: office@", "  mail: office", 0, "is no mail address"),
    ("office.yaml", "connections: 8", "connections: 80", 0, "connections 80 is not from 1 to 20"),
    (
        "office.yaml",
        "  mail: office@north-service.example\n  name: Северный Сервис\n",
        "  has_plus_addresses: true\n  mail: office@other.example\n  name: x\n",
        0,
        "is not of the domain north-service.example",
    ),
    ("office.yaml", "report: retry", "report: again", 0, "must be 'retry' or 'ask'"),
    ("office.yaml", "report: retry", "raport: retry", 0, "must be 'notice'"),
    ("office.yaml", "office_per_hour: 5000", "office_per_hour: 50", 0, "send less than one recipient may get"),
    ("office.yaml", "recipient_per_hour: 100 ", "recipient_per_hour: 0 ", 0, "would hold all mail for ever"),
    ("office.yaml", "staff_hours: any ", "staff_hours: day ", 0, "must be 'any' or 'working'"),
    ("office.yaml", "pass_quiet_hours: [confirmation]", "pass_quiet_hours: [all]", 0, "must be 'notice'"),
    ("office.yaml", "  - key: certificates", "  - key: en", 0, "is a language"),
    ("office.yaml", "  - key: certificates", "  - key: Сертификаты", 0, "a key is small latin letters"),
    ("office.yaml", "sender_name: Северный Сертификат", 'sender_name: " "', 0, "sender_name is empty"),
    ("office.yaml", 'accent: "#1f4e8c"', "accent: blue", 0, "'blue' is no colour"),
    ("office.yaml", 'accent: "#1f4e8c"', 'accent: "#ffee00"', 0, "too pale to be read on white"),
    ("office.yaml", 'accent: "#1f4e8c"', "accent: #1f4e8c", 0, "nothing is written"),
    ("office.yaml", "# reply_to: cert@", "reply_to: cert@", 0, "nobody would read answers to cert@"),
    ("office.yaml", "      en: North", "      de: North", 0, "must be 'ru' or 'en'"),
    ("office.yaml", 'brand: ""', "brand: certificate", 0, "'certificate' is no brand of office.yaml"),
    ("clients.yaml", "brand: certificates", "brand: certs", 0, "'certs' is no brand of office.yaml"),
    ("mailboxes.yaml", "folders: [INBOX]", "brand: certs", 0, "'certs' is no brand of office.yaml"),
    (
        "mailboxes.yaml",
        "host: ${CALLOUT_IMAP_HOST:-127.0.0.1}",
        "host: imap.example.com",
        2,
        "plain is for this machine",
    ),
    ("mailboxes.yaml", "port: ${CALLOUT_IMAP_PORT:-1143}", "port: 99999", 0, "port 99999 is not between"),
    ("mailboxes.yaml", "secret: office-mailbox", "secret: pa$$ word!", 0, "secret is a name, never the password"),
    ("mailboxes.yaml", "    login: office ", "    # login: office ", -5, "'login' is missing"),
    ("mailboxes.yaml", "is_active: true", "is_active: yes", 0, "write true or false"),
    ("mailboxes.yaml", "folders: [INBOX]", "folder: INBOX", 0, "unknown key 'folder'; did you mean 'folders'?"),
    ("mailboxes.yaml", "folders: [INBOX]", "folders: []", 0, "no folder; write [INBOX]"),
    ("mailboxes.yaml", "folders: [INBOX]", "folders: [INBOX, Inbox]", 0, "'INBOX' is taken by number 1"),
    ("mailboxes.yaml", "folders: [INBOX]", "folders: [INBOX]\n    protocol: imap4", 1, "must be 'imap' or 'pop3'"),
    ("mailboxes.yaml", "folders: [INBOX]", "protocol: pop3\n    folders: [Sales]", 1, "POP3 has one folder only"),
    ("mailboxes.yaml", "folders: [INBOX]", "protocol: pop3\n    after_taking: move", 1, "move is not for pop3"),
    ("mailboxes.yaml", "folders: [INBOX]", "after_taking: delete", 0, "delete is not for imap"),
    ("mailboxes.yaml", "folders: [INBOX]", "after_taking: move", 0, "where to? give move_to"),
    ("mailboxes.yaml", "folders: [INBOX]", "move_to: Taken", 0, "goes with `after_taking: move` only"),
    (
        "mailboxes.yaml",
        "folders: [INBOX]",
        "after_taking: move\n    move_to: inbox",
        1,
        "mail moved to inbox would be taken again",
    ),
    ("mailboxes.yaml", "folders: [INBOX]", "take_from: 1.11.2026", 0, "write a date as 2026-11-17"),
    ("mailboxes.yaml", "folders: [INBOX]", "auth: token", 0, "must be 'password' or 'oauth2'"),
    ("mailboxes.yaml", "security: plain", "security: tls\n    allow_plain: true", 1, "allow_plain does nothing"),
    (
        "mailboxes.yaml",
        "    host: ${CALLOUT_IMAP_HOST:-127.0.0.1}",
        "    allow_plain: true\n    auth: oauth2\n    host: imap.example.com",
        4,
        "a token never leaves this machine unencrypted",
    ),
    ("telephony.yaml", '"+79000000100"', '"8 900 000-01-00"', 0, "no phone in E.164"),
    ("telephony.yaml", "target_percent: 80", "target_percent: 800", 0, "is not between 1 and 100"),
    ("telephony.yaml", "counts: offered_without_short", "counts: all", 0, "must be 'offered'"),
    ("telephony.yaml", "[olga, pavel]", "[olga, nobody]", 0, "'nobody' is no person"),
    ("telephony.yaml", "head: daria", "head: dariya", 0, "'dariya' is no person"),
    ("telephony.yaml", '  queue: "600"', '  queue: "699"', 0, "'699' is no queue"),
    ("telephony.yaml", 'last_resort: "100"', 'last_resort: "100,rm"', 0, "must be an extension"),
    ("telephony.yaml", "rings: 4", "rings: 40", 0, "must be 1 to 20 rings"),
    ("people.yaml", "- key: olga", "- key: viktor", 0, "key 'viktor' is taken by number 1"),
    ("people.yaml", 'extension: "101"', "extension: 101", 0, "put it in quotes"),
    ("people.yaml", "substitute: olga", "substitute: olgа", 0, "is no person of people.yaml"),
    ("people.yaml", "last_day: 2026-11-20", "last_day: 2026-11-02", 0, "before it begins"),
    ("people.yaml", "roles: [accounting]", "roles: [accountant]", 0, "is it accounting?"),
    ("people.yaml", "mail: anna@", "mail: Анна <anna@", 0, "is no mail address"),
    ("people.yaml", "mail: olga@north", "mail: Viktor@north", 0, "is taken by number 1"),
    ("clients.yaml", "manager: mikhail", "zone: Asia/Vladivostock", 0, "'Asia/Vladivostock' is no time zone"),
    ("clients.yaml", "manager: mikhail", "manager: egor", 0, "'egor' is no manager of people.yaml"),
    ("clients.yaml", "+79000000202", "+79000000201", 0, "belongs to polyus-vera already"),
    ("clients.yaml", "sklad@client-polyus.example", "olga@north-service.example", 0, "belongs to olga of people.yaml"),
    ("prices.yaml", "price: 1500.00", "price: 1500.005", 0, "two decimals at most"),
    ("prices.yaml", "price: 1500.00", "price: дорого", 0, "write a number as 1500.00"),
    ("registers.yaml", "- {days: 60, to: [responsible]}", "- {days: 90, to: [responsible]}", 0, "go down"),
    ("registers.yaml", "- key: licences", "- key: permits", 0, "registers/permits.csv"),
    ("registers/policies.csv", ";lift-roman;", ";lift-rоman;", 0, "is no contact key of clients.yaml"),
    ("registers/policies.csv", ";2026-11-18;maria", ";2020-11-18;maria", 0, "before it was issued"),
    ("registers/policies.csv", ";2026-11-18;maria", ";18/11/26;maria", 0, "write a date as 2026-11-17"),
    ("registers/policies.csv", "valid_until;responsible", "valid_untill;responsible", 0, "did you mean 'valid_until'?"),
    ("registers/policies.csv", "ОПО-2025-000240", "ОПО-2025-000231", 0, "is taken by number 1"),
]


@pytest.mark.parametrize(("file", "old", "new", "below", "reason"), MISTAKES)
def test_a_mistake_is_told_with_file_line_and_reason(
    folder: Path, file: str, old: str, new: str, below: int, reason: str
) -> None:
    line = _spoil(folder, file, old, new) + below
    problems = _problems(folder)
    if "permits" in reason:
        assert any(problem.startswith("registers/permits.csv:1: the file is missing") for problem in problems)
    else:
        assert any(problem.startswith(f"{file}:{line}: ") and reason in problem for problem in problems), problems


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    _spoil(folder, "office.yaml", "currency: RUB", "currency: rubles")
    _spoil(folder, "prices.yaml", "unit: выезд", "units: выезд")
    _spoil(folder, "people.yaml", "roles: [dispatcher]", "roles: [executor]")
    _spoil(folder, "clients.yaml", "+79000000202", "+7900")
    (folder / "mailboxes.yaml").rename(folder / "mailbox.yaml")
    told = "\n".join(_problems(folder))
    for part in (
        "no currency code",
        "'units'",
        "nobody is dispatcher",
        "'+7900'",
        "mailboxes.yaml:1: the file is missing",
        "mailbox.yaml:1: nothing reads this file; is it mailboxes.yaml?",
    ):
        assert part in told


def test_the_sample_company_is_right() -> None:
    office = load_office(SAMPLE)
    assert office.hours.opens == time(9, 0)
    assert len(office.clients) >= 25
    assert office.prices[0].price == Decimal("1500.00")
    assert office.telephony.queues["600"] == "Продажи"
    days = sorted((e.valid_until - date(2026, 11, 17)).days for r in office.registers for e in r.entries)
    assert {-3, 0, 1, 7, 14, 30, 60, 90} <= set(days)
    assert sum(day > 200 for day in days) >= 8
    assert load_office(SAMPLE) is office


def test_variables_come_from_the_environment_and_change_the_digest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_office(folder)
    monkeypatch.setenv("CALLOUT_IMAP_PORT", "31143")
    monkeypatch.setenv("CALLOUT_CALL_LOG_FOLDER", "pbx")
    after = load_office(folder)
    assert (before.mailboxes[0].port, after.mailboxes[0].port) == (1143, 31143)
    assert after.telephony.logs[0].folder == str(folder / "pbx")
    assert before.digest != after.digest
    _spoil(folder, "mailboxes.yaml", "${CALLOUT_IMAP_HOST:-127.0.0.1}", "${CALLOUT_NO_SUCH_HOST}")
    assert any("variable CALLOUT_NO_SUCH_HOST is not set" in problem for problem in _problems(folder))


def test_a_mailbox_may_say_more(folder: Path) -> None:
    more = (
        "host: mail.example.com\n    allow_plain: true\n    protocol: imap\n    auth: password\n"
        "    take_from: 2026-11-01\n    after_taking: move\n    move_to: Taken"
    )
    _spoil(folder, "mailboxes.yaml", "host: ${CALLOUT_IMAP_HOST:-127.0.0.1}", more)
    _spoil(folder, "mailboxes.yaml", "folders: [INBOX]", "folders: [INBOX, Заявки]")
    [box] = load_office(folder).mailboxes
    assert (box.folders, box.take_from, box.move_to) == (("INBOX", "Заявки"), date(2026, 11, 1), "Taken")
    assert load_office(SAMPLE).mailboxes[0].after_taking == "leave"


def test_a_changed_file_is_seen_at_once(folder: Path) -> None:
    first = load_office(folder).digest
    _spoil(folder, "people.yaml", "Ольга Павловна", "Ольга Петровна")
    again = load_office(folder)
    assert again.digest != first
    assert again.people[1].name == "Ольга Петровна Зимина"


def test_a_table_may_be_saved_by_a_russian_spreadsheet(folder: Path) -> None:
    table = folder / "registers" / "policies.csv"
    text = table.read_text(encoding="utf-8").replace("2026-11-18", "18.11.2026")
    table.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    entries = {entry.number: entry for entry in load_office(folder).registers[1].entries}
    assert entries["ОПО-2025-000240"].valid_until == date(2026, 11, 18)
    table.write_bytes(text.encode("cp1251"))
    assert _problems(folder) == ["registers/policies.csv:1: the file is not UTF-8; save it as 'CSV UTF-8'"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: on", {"a": "on"}),
        ("no: NO", {"no": "NO"}),
        ("a: 10:30", {"a": "10:30"}),
        ("a: 2026-11-17", {"a": "2026-11-17"}),
        ("a: 0101", {"a": "0101"}),
        ("a: +79000000100", {"a": "+79000000100"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: 1.10", {"a": Decimal("1.10")}),
        ("600: Сервис", {"600": "Сервис"}),
        ("a: ~", {"a": None}),
        ("a: [true, 7, '7', -3]", {"a": [True, 7, "7", -3]}),
    ],
)
def test_scalars_are_what_they_look_like(text: str, value: object) -> None:
    file = parse_yaml("x.yaml", text.encode(), {})
    assert (file.value, file.sorted_problems()) == (value, [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3", "x.yaml:3: 'a' stands here a second time, first in line 1"),
        ("a: &x 1", "x.yaml:1: anchors and aliases"),
        ("a: !!python/name:os.system x", "x.yaml:1: the tag"),
        ("a: 1\n---\nb: 2", "x.yaml:2: a second document"),
        ("a:\n\t- 1", "x.yaml:2: this is no YAML"),
        ("a: \x07", "x.yaml:1: this is no YAML: the character"),
        ("? [a]\n: 1", "x.yaml:1: a key must be a plain word"),
        ("a: smtp://robot:hunter2@example.com", "x.yaml:1: no password in an address"),
        ("api_token: abc", "x.yaml:1: 'api_token': no passwords here"),
        ("a: 1\nb: " + "9" * 5000, "x.yaml:2: a number has at most 100 digits"),
        ("b: " + "9" * 5000 + ".5", "x.yaml:1: a number has at most 100 digits"),
        ("a:\n  b: " + "[" * 100 + "]" * 100, "x.yaml:2: this is nested deeper than 60 levels"),
        ("\n".join(" " * n + "a:" for n in range(500)), "x.yaml:62: this is nested deeper than 60 levels"),
    ],
)
def test_traps_of_yaml_are_refused(text: str, problem: str) -> None:
    problems = parse_yaml("x.yaml", text.encode(), {}).sorted_problems()
    assert problems
    assert problems[0].startswith(problem)


PLAIN = st.none() | st.booleans() | st.integers() | st.text("abc яё:#-'\"{}[]&*!|>%@`\\\n\t09.", max_size=12)


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text("abя: ", min_size=1), inner)))
def test_every_json_is_read_as_json_says(value: object) -> None:
    file = parse_yaml("x.yaml", json.dumps({"value": value}, ensure_ascii=False).encode(), {})
    assert (file.value, file.sorted_problems()) == ({"value": value}, [])


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(OfficeError, match="no such office folder"):
        load_office(tmp_path / "nowhere")
