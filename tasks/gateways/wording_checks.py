"""The templates of the office folder, tried before they are needed: each brand and language, text and HTML, with
sample data. Every mistake is told as 'file:line: reason'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError
from jinja2.meta import find_referenced_templates

from tasks.gateways.wordings import HTML, LAYOUT, SUBJECT, TEXT, find_text, render_wording, wording_environment
from tasks.rules.brands import all_brands, house_brand
from tasks.rules.errors import OfficeError
from tasks.rules.nearest_name import nearest
from tasks.rules.office import Brand, Language, Office
from tasks.rules.outgoing import Recipient
from tasks.rules.process.loader import examine_definition, wordings_used
from tasks.rules.wording_samples import SAMPLES, SMS, samples_of

_LANGUAGES = get_args(Language)
# what a mail program would fetch when the mail is opened, which tells that it was; a link is fetched by a person
_REMOTE = re.compile(
    r"""(?:\b(?:src|srcset|background|poster)\s*=\s*["']?|url\(\s*["']?|@import\s+["']?)\s*(?:https?:)?//""", re.I
)
_ACTIVE = re.compile(r"<\s*(?:script|link|iframe|object|embed|form)\b", re.I)


def check_templates(office: Office) -> list[str]:
    """Every mistake in the office's templates, as 'file:line: reason'; what cannot be read is not rendered too."""
    problems = [*_missing(office), *_misplaced(office)]
    for file in sorted(Path(office.templates).rglob("*.j2")):
        problems += _problems_of(office, file)
    told = {_place(problem) for problem in problems}
    for problem in _rendered(office):
        if _place(problem) not in told:
            told.add(_place(problem))
            problems.append(problem)
    return sorted(problems, key=_order)


def _place(problem: str) -> str:
    return ":".join(problem.split(":", 2)[:2])


def _order(problem: str) -> tuple[str, int, str]:
    file, _, rest = problem.partition(":")
    line = rest.partition(":")[0]
    return file, int(line) if line.isdigit() else 0, rest


def _work(office: Office) -> frozenset[str]:
    """The pieces of work of all processes: their wordings always have a deadline."""
    return frozenset(name for raw in office.processes.values() for name in examine_definition(raw)[0].work)


def _needed(office: Office) -> frozenset[str]:
    """Every wording that the code or a process of the folder names."""
    used = (wordings_used(examine_definition(raw)[0]) for raw in office.processes.values())
    own = {f"work_{name}" for name in _work(office)}
    # work without a wording of its own is asked for by a general one; with one, it is said in every language
    there = {file.name.removesuffix(TEXT) for file in Path(office.templates).rglob(f"work_*{TEXT}")}
    return frozenset(SAMPLES).union(own & there, *used)


def _known(office: Office) -> frozenset[str]:
    """Those needed, and what some of them are in SMS: NAME_sms, which nobody must write."""
    needed = _needed(office)
    there = {file.name.removesuffix(TEXT) for file in Path(office.templates).rglob(f"*{SMS}{TEXT}")}
    return needed | {name for name in there if name.removesuffix(SMS) in needed}


def _missing(office: Office) -> Iterator[str]:
    """Wordings without a template in a language that somebody of this office is written to in."""
    spoken = {office.language, *(one.language for one in office.people)}
    spoken |= {contact.language for client in office.clients for contact in client.contacts}
    house = house_brand(office)
    for language in sorted(spoken):
        for wording in sorted(_needed(office)):
            if find_text(office, house, language, wording) is None:
                file = Path(office.templates) / language / (wording + TEXT)
                yield f"{file}:1: the template is missing; mail of this wording is written in {language!r} too"


def _misplaced(office: Office) -> Iterator[str]:
    """Folders and templates that nobody would ever look into, most likely misspelt."""
    folder, brands = Path(office.templates), [brand.key for brand in office.brands]
    needed = sorted(_known(office))
    for file in sorted(folder.rglob("*.j2")):
        places = file.relative_to(folder).parts[:-1]
        inner = places[1:] if places and places[0] in brands else places
        if len(inner) > 1 or (inner and inner[0] not in _LANGUAGES):
            known = ", ".join([*_LANGUAGES, *brands])
            yield f"{file}:1: nothing looks into this folder; known here: {known}"
        elif not file.name.startswith("_"):
            name = file.name.removesuffix(TEXT).removesuffix(HTML)
            if not inner:
                yield f"{file}:1: a template lies in the folder of its language ({', '.join(_LANGUAGES)})"
            elif name not in needed:
                hint = nearest(name, needed)
                yield f"{file}:1: nothing uses this wording{f'; is it {hint}?' if hint else ''}"


def _problems_of(office: Office, file: Path) -> list[str]:
    brand, language = _whose(office, file)
    environment = wording_environment(office, brand, language)
    try:
        source = file.read_text(encoding="utf-8")
        environment.compile(source, file.name, str(file))
        names = [name for name in find_referenced_templates(environment.parse(source)) if name is not None]
    except UnicodeDecodeError:
        return [f"{file}:1: is not UTF-8 text"]
    except TemplateSyntaxError as error:
        return [f"{file}:{error.lineno}: {error.message}"]
    missing = [name for name in names if not _is_there(environment, name)]
    problems = [f"{file}:{_line_of(source, name)}: there is no template {name!r}" for name in missing]
    if file.name.endswith(HTML):
        return problems + _html_problems(office, brand, language, file, source)
    is_piece = file.name.startswith("_")
    if file.name.endswith(TEXT) and not is_piece and not source.lstrip().startswith(SUBJECT):
        problems.append(f"{file}:1: the first line must be '{SUBJECT} …'")
    return problems


def _html_problems(office: Office, brand: Brand, language: str, file: Path, source: str) -> list[str]:
    problems = [
        f"{file}:{number}: {reason}"
        for number, line in enumerate(source.splitlines(), 1)
        for pattern, reason in (
            (_REMOTE, "a mail loads nothing from outside; send the picture along (cid:)"),
            (_ACTIVE, "scripts, frames and forms are refused by mail programs"),
        )
        if pattern.search(line)
    ]
    if file.name == LAYOUT and not re.search(r"{%-?\s*block\s+body\b", source):
        problems.append(f"{file}:1: the layout has no block body, so a mail's text would be missing in it")
    wording = file.name.removesuffix(HTML)
    if not wording.startswith("_") and language and find_text(office, brand, language, wording) is None:
        problems.append(f"{file}:1: {wording}{TEXT} is missing beside it (every mail has a text part)")
    return problems


def _whose(office: Office, file: Path) -> tuple[Brand, str]:
    """Under which brand and in which language a template is read; '' for a piece of all languages."""
    places = file.relative_to(office.templates).parts[:-1]
    brand = next((one for one in office.brands if one.key in places[:1]), house_brand(office))
    return brand, next((place for place in places if place in _LANGUAGES), "")


def _is_there(environment: Environment, name: str) -> bool:
    if environment.loader is None:
        return False
    try:
        environment.loader.get_source(environment, name)
    except TemplateNotFound:
        return False
    return True


def _line_of(source: str, words: str) -> int:
    return next((number for number, line in enumerate(source.splitlines(), 1) if words in line), 1)


def _rendered(office: Office) -> Iterator[str]:
    """What fails when each wording is written, as it is when a mail is planned."""
    work = _work(office)
    for brand in all_brands(office):
        for language in _LANGUAGES:
            for wording in sorted(_known(office)):
                if find_text(office, brand, language, wording):
                    yield from _render(office, brand, language, wording, work)


def _render(office: Office, brand: Brand, language: str, wording: str, work: frozenset[str]) -> Iterator[str]:
    for sample in samples_of(wording, work):
        to = Recipient("contact:1" if sample.get("is_client") else "person:1", "Иван Петров", "i@example.com", language)
        try:
            worded = render_wording(office, wording, language, {"recipient": to, **sample}, brand)
        except OfficeError as error:
            yield from error.problems
            continue
        if not worded.subject:
            yield f"{find_text(office, brand, language, wording)}:1: the subject is empty"
