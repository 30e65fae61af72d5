"""Mistakes in templates are found before a mail needs them, each with file and line; the sample company has none."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.gateways.office_folder import load_office
from tasks.gateways.wording_checks import check_templates
from tests.samples.small_office import small_office, write_wordings

SAMPLE = Path(__file__).resolve().parents[2] / "deployments" / "office"


def _problems(folder: Path, changed: dict[str, str]) -> list[str]:
    """What is said against the sample company's templates after `changed` was written, below its templates folder."""
    templates = Path(shutil.copytree(SAMPLE / "templates", folder / "templates"))
    write_wordings(templates, changed)
    # the digest stands for the files' content, as it does when the folder is read
    office = replace(load_office(SAMPLE), templates=str(templates), digest=str(templates))
    return [problem.removeprefix(f"{templates}/") for problem in check_templates(office)]


def test_the_sample_company_has_no_mistake(tmp_path: Path) -> None:
    assert _problems(tmp_path, {}) == []


LAYOUT = "certificates/_layout.html.j2"
# what is written where, and all that is said against it
MISTAKES = {
    "ru/lead_new.txt.j2": ("Subject: x\n\n{{ due }}\n", "ru/lead_new.txt.j2:3: 'due' is undefined"),
    "ru/lead_spam.txt.j2": ("Subject: x\n{% if is_mail %}", "ru/lead_spam.txt.j2:2: Unexpected end of template"),
    "en/lead_spam.txt.j2": ("Hello\n", "en/lead_spam.txt.j2:1: the first line must be 'Subject: …'"),
    "en/deal_opened.txt.j2": ("Subject:\n\nx", "en/deal_opened.txt.j2:1: the subject is empty"),
    "en/work_price.txt.j2": ("Subject: x\n\n{{ 1 | mony }}", "en/work_price.txt.j2:3: No filter named 'mony'."),
    "ru/client_cancelled.txt.j2": (
        "Subject: x\n\n{{ work_at | moment }}\n",
        "ru/client_cancelled.txt.j2:3: 'NoneType' object has no attribute 'astimezone'",
    ),
    "ru/deal_closed.txt.j2": (
        "Subject: x\n\n{% for line in lines %}\n{{ line.name }}\n{% endfor %}",
        "ru/deal_closed.txt.j2:4: 'tasks.rules.process.values.Line object' has no attribute 'name'",
    ),
    "en/deal_closed.html.j2": (
        "<p>\n<img src='https://shop.example/logo.png'></p>",
        "en/deal_closed.html.j2:2: a mail loads nothing from outside; send the picture along (cid:)",
    ),
    "ru/lead_new.html.j2": (
        "<p></p>\n<script>1</script>",
        "ru/lead_new.html.j2:2: scripts, frames and forms are refused by mail programs",
    ),
    "ru/mailbox_silent.html.j2": ("{{ mailbox }}\n{{ hour }}", "ru/mailbox_silent.html.j2:2: 'hour' is undefined"),
    "certificates/ru/client_notice.txt.j2": (
        "Subject: x\n\n{% include '_foot.txt.j2' %}",
        "certificates/ru/client_notice.txt.j2:3: there is no template '_foot.txt.j2'",
    ),
    "certificates/en/remind_expiry.html.j2": (
        "<p>\n{{ papers }}</p>",
        "certificates/en/remind_expiry.html.j2:2: 'papers' is undefined",
    ),
    "certificates/ru/client_notise.txt.j2": (
        "Subject: x\n",
        "certificates/ru/client_notise.txt.j2:1: nothing uses this wording; is it client_notice?",
    ),
    "certificate/ru/client_notice.txt.j2": (
        "Subject: x\n",
        "certificate/ru/client_notice.txt.j2:1: nothing looks into this folder; known here: ru, en, certificates",
    ),
    "client_notice.txt.j2": ("Subject: x\n", "client_notice.txt.j2:1: a template lies in the folder of its language"),
    LAYOUT: (
        "{{ brand.title }}",
        "certificates/_layout.html.j2:1: the layout has no block body, so a mail's text would be missing in it",
    ),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is said against a folder with all of them, but for the layout, which spoils other mails too."""
    mistakes = {file: source for file, (source, _) in MISTAKES.items() if file != LAYOUT}
    return _problems(tmp_path_factory.mktemp("mistakes"), mistakes)


@pytest.mark.parametrize("file", [file for file in MISTAKES if file != LAYOUT])
def test_a_mistake_is_told_with_file_and_line(told: list[str], file: str) -> None:
    assert [problem for problem in told if problem.startswith(MISTAKES[file][1])]
    assert len([problem for problem in told if problem.startswith(f"{file}:")]) == 1


def test_nothing_is_told_beside_the_mistakes(told: list[str]) -> None:
    assert len(told) == len(MISTAKES) - 1


def test_a_mistake_in_a_layout_is_told_once(tmp_path: Path) -> None:
    source, expected = MISTAKES[LAYOUT]
    problems = _problems(tmp_path, {LAYOUT: source})
    assert len(problems) == 1
    assert problems[0].startswith(expected)


def test_a_mistake_in_a_piece_is_told_once_where_it_stands(tmp_path: Path) -> None:
    assert _problems(tmp_path, {"_layout.html.j2": "<b>\n{{ brand.colour }}</b>{% block body %}{% endblock %}"}) == [
        "_layout.html.j2:2: 'tasks.rules.office_brand.Brand object' has no attribute 'colour'"
    ]


def test_what_is_not_text_is_told(tmp_path: Path) -> None:
    templates = Path(shutil.copytree(SAMPLE / "templates", tmp_path / "templates"))
    (templates / "en" / "lead_new.txt.j2").write_bytes("Subject: Лид".encode("cp1251"))
    office = replace(load_office(SAMPLE), templates=str(templates), digest=str(tmp_path))
    assert check_templates(office) == [f"{templates}/en/lead_new.txt.j2:1: is not UTF-8 text"]


def test_a_wording_is_there_in_each_language_that_is_spoken(tmp_path: Path) -> None:
    templates = Path(shutil.copytree(SAMPLE / "templates", tmp_path / "templates"))
    (templates / "en" / "client_notice.txt.j2").unlink()
    (templates / "en" / "work_papers.txt.j2").unlink()
    office = replace(load_office(SAMPLE), templates=str(templates), digest=str(templates))
    reason = "the template is missing; mail of this wording is written in 'en' too"
    missing = [f"{templates}/en/{name}.txt.j2:1: {reason}" for name in ("client_notice", "work_papers")]
    assert check_templates(office) == missing
    russian = replace(office, clients=(), people=())
    assert check_templates(russian) == []


def test_a_small_folder_misses_most_wordings(tmp_path: Path) -> None:
    folder = write_wordings(tmp_path)
    problems = check_templates(small_office(folder))
    assert f"{folder}/ru/lead_new.txt.j2:1: the template is missing; mail of this wording is written in 'ru' too" in (
        problems
    )
    assert f"{folder}/ru/note.txt.j2:1: nothing uses this wording" in problems
