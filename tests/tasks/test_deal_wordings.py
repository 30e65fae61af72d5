"""Every wording of leads and deals can be said in both languages, with its number in the subject and no gaps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tasks.gateways.office_folder import load_office
from tasks.gateways.wordings import render_wording
from tasks.rules.outgoing import Recipient
from tasks.rules.wording_samples import samples_of

OFFICE = load_office(Path(__file__).resolve().parents[2] / "deployments" / "office")
WORDINGS = sorted(
    file.name.removesuffix(".txt.j2")
    for file in (Path(OFFICE.templates) / "ru").glob("*.txt.j2")
    if re.match(r"(lead|deal|work|client|payment|reply|letter)_", file.name)
)
WORK = {name for raw in OFFICE.processes.values() for name in raw.get("work", ())}
SAID = [(wording, number) for wording in WORDINGS for number in range(len(samples_of(wording, WORK)))]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(("wording", "number"), SAID)
def test_a_wording_can_be_said(wording: str, number: int, language: str) -> None:
    sample = samples_of(wording, WORK)[number]
    to = Recipient("contact:1", "Иван Петров", "ivan@example.com", language)
    worded = render_wording(OFFICE, wording, language, sample | {"recipient": to})
    if sample["number"] and not wording.endswith("_sms"):  # an SMS shows no subject
        assert worded.subject.startswith(f"[{sample['number']}]")
    assert worded.subject
    for part in (worded.subject, worded.text, worded.html):
        assert "None" not in part
        assert "Undefined" not in part
    assert "\n\n\n" not in worded.text


@pytest.mark.parametrize("wording", [name for name in WORDINGS if name.startswith(("client_", "payment_"))])
def test_a_client_reads_nothing_internal(wording: str) -> None:
    to = Recipient("contact:1", "Иван Петров", "ivan@example.com", "ru")
    secret = {
        "status": "СЕКРЕТ",
        "reason": "СЕКРЕТ",
        "manager": "СЕКРЕТ",
        "dispatcher": "СЕКРЕТ",
        "work_title": "СЕКРЕТ",
    }
    worded = render_wording(
        OFFICE, wording, "ru", samples_of(wording, WORK)[0] | secret | {"recipient": to, "is_client": True}
    )
    assert "СЕКРЕТ" not in worded.subject + worded.text


def test_both_languages_have_the_same_wordings() -> None:
    names = [{file.name for file in (Path(OFFICE.templates) / language).glob("*.j2")} for language in ("ru", "en")]
    assert names[0] == names[1]
