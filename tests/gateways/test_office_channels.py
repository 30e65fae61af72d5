"""Mistakes in how the office tells people are refused with file, line and the nearest name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tasks.gateways.office_folder import load_office
from tasks.rules.errors import OfficeError

SAMPLE = Path(__file__).resolve().parents[2] / "deployments" / "office"
CHAT = "    is_on: false\n"
GATEWAY = '    gateway: "off"'


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    office = Path(shutil.copytree(SAMPLE, folder / "office"))
    text = (office / name).read_text(encoding="utf-8")
    assert old in text
    (office / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return office


def test_the_sample_has_chat_and_sms_off() -> None:
    channels = load_office(SAMPLE).channels
    assert (channels.chat.is_on, channels.sms.is_on) == (False, False)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  idle_minutes: 10", "  idle_minute: 10", "unknown key 'idle_minute'; did you mean 'idle_minutes'?"),
        ("  idle_minutes: 10", "  idle_minutes: 0", "at least 1 minute"),
        (GATEWAY, "    gateway: smsru", "'sms_ru'"),
        (GATEWAY, "    gateway: smsc", "smsc wants a login"),
        (GATEWAY, "    gateway: http", "wants the address"),
        (GATEWAY, "    gateway: sms_ru\n    url: http://sms.example", "plain http is for this machine only"),
        (GATEWAY, "    gateway: sms_ru\n    url: sms.example", "is no web address"),
        ("    max_parts: 3", "    max_part: 3", "did you mean 'max_parts'?"),
        ("    max_parts: 3", "    max_parts: 9", "max_parts"),
        (CHAT + "    jid: office@chat", "    is_on: true\n    jid: office(at)chat", "is no XMPP address"),
        ("    receipt_seconds: 15", "    receipt_seconds: 900", "receipt_seconds"),
        ("    security: starttls # or", "    security: plain # or", "plain is for this machine only"),
        ("    secret: office-chat", "    secret: pass word", "secret is a name"),
        ("    kinds: [confirmation]", "    kinds: [confirmations]", "'confirmation'"),
    ],
)
def test_mistakes_in_channels(tmp_path: Path, old: str, new: str, told: str) -> None:
    office = changed(tmp_path, "office.yaml", old, new)
    text = (office / "office.yaml").read_text(encoding="utf-8")
    (office / "office.yaml").write_text(
        text.replace(CHAT, "    is_on: true\n", 1).replace(GATEWAY, "    gateway: sms_ru", 1), encoding="utf-8"
    )
    with pytest.raises(OfficeError) as found:
        load_office(office)
    assert any(problem.startswith("office.yaml:") and told in problem for problem in found.value.problems)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("jid: daria", "is no XMPP address"),
        ("gid: daria@chat.example", "did you mean 'jid'?"),
        ("takes_sms: maybe", "write true or false"),
    ],
)
def test_mistakes_in_people(tmp_path: Path, line: str, told: str) -> None:
    office = changed(tmp_path, "people.yaml", '    extension: "104"\n', f'    extension: "104"\n    {line}\n')
    with pytest.raises(OfficeError) as found:
        load_office(office)
    assert [told in problem and problem.startswith("people.yaml:") for problem in found.value.problems] == [True]


def test_sms_wants_a_phone(tmp_path: Path) -> None:
    phone = '    phone: "+79000000114"\n'
    with pytest.raises(OfficeError, match="daria takes SMS but has no phone"):
        load_office(changed(tmp_path, "people.yaml", phone, "    takes_sms: true\n"))
