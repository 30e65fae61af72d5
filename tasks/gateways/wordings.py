"""The office folder's wordings: templates/LANGUAGE/NAME.txt.j2 (first line `Subject: …`) with NAME.html.j2 beside it.

Templates are written by the company, so they run in a sandbox, and a name that is not there is an error, not a gap.
A template whose name begins with `_` is a piece that others include or extend; it may lie in templates/ itself.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.meta import find_referenced_templates
from jinja2.sandbox import SandboxedEnvironment

from tasks.rules.errors import OfficeError
from tasks.rules.office import Office

_TEXT, _HTML = ".txt.j2", ".html.j2"
_SUBJECT = "Subject:"
_RUSSIAN_DIGITS = str.maketrans({",": "\u00a0", ".": ","})  # 12 500,00 with a no-break space
_DATE_FORMATS = {"ru": "%d.%m.%Y", "en": "%d %b %Y"}


@dataclass(frozen=True, slots=True)
class Worded:
    """A message in words; `html` is '' when the wording has none."""

    subject: str
    text: str
    html: str


def render_wording(office: Office, wording: str, language: str, data: Mapping[str, Any]) -> Worded:
    """Put `data` into a wording, in `language` or else the office's own.

    Templates see `data`, `office`, and the filters day, moment and money. Raises OfficeError with the template's file
    and line when it is missing, names what is not there, or fails.
    """
    spoken = next((one for one in (language, office.language) if _path(office, one, wording).is_file()), language)
    environment = _environment(office.templates, spoken, office.time_zone, office.digest)
    variables = {"office": office} | dict(data)
    first, _, body = _render(office, environment, spoken, wording + _TEXT, variables).lstrip().partition("\n")
    if not first.startswith(_SUBJECT):
        raise OfficeError([f"{_path(office, spoken, wording)}:1: the first line must be '{_SUBJECT} …'"])
    has_html = (Path(office.templates) / spoken / (wording + _HTML)).is_file()
    html = _render(office, environment, spoken, wording + _HTML, variables) if has_html else ""
    return Worded(first.removeprefix(_SUBJECT).strip(), body.strip() + "\n", html)


def check_templates(folder: Path) -> list[str]:
    """Every mistake that can be seen in the templates without data, as 'file:line: reason'."""
    problems: list[str] = []
    for file in sorted(folder.rglob("*.j2")):
        language = file.parent.name if file.parent != folder else ""
        environment = _environment(str(folder), language, "UTC", "")
        problems += _problems_of(file, environment)
    return problems


def _problems_of(file: Path, environment: Environment) -> list[str]:
    try:
        source = file.read_text(encoding="utf-8")
        environment.compile(source, file.name, str(file))
        missing = [
            name for name in find_referenced_templates(environment.parse(source)) if not _is_there(environment, name)
        ]
    except UnicodeDecodeError:
        return [f"{file}:1: is not UTF-8 text"]
    except TemplateSyntaxError as error:
        return [f"{file}:{error.lineno}: {error.message}"]
    problems = [f"{file}:1: there is no template {name!r}" for name in missing]
    is_piece = file.name.startswith("_")
    if file.name.endswith(_TEXT) and not is_piece and not source.lstrip().startswith(_SUBJECT):
        problems.append(f"{file}:1: the first line must be '{_SUBJECT} …'")
    text = file.with_name(file.name.removesuffix(_HTML) + _TEXT)
    if file.name.endswith(_HTML) and not is_piece and not text.is_file():
        problems.append(f"{file}:1: {text.name} is missing beside it (every mail has a text part)")
    return problems


def _is_there(environment: Environment, name: str | None) -> bool:
    loader = environment.loader
    if name is None or loader is None:
        return True
    try:
        loader.get_source(environment, name)
    except TemplateNotFound:
        return False
    return True


@lru_cache(maxsize=16)
def _environment(folder: str, language: str, time_zone: str, _digest: str) -> Environment:
    """Templates of one language; the digest keeps a changed folder from meeting yesterday's templates."""
    loader: BaseLoader = ChoiceLoader([FileSystemLoader(Path(folder) / language), FileSystemLoader(folder)])
    environment = SandboxedEnvironment(
        loader=loader,
        autoescape=lambda name: bool(name and name.endswith(_HTML)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    zone, day_format = ZoneInfo(time_zone), _DATE_FORMATS.get(language, "%Y-%m-%d")

    def day(value: date) -> str:
        local = value.astimezone(zone) if isinstance(value, datetime) else value
        return local.strftime(day_format)

    def moment(value: datetime) -> str:
        return value.astimezone(zone).strftime(f"{day_format} %H:%M")

    def money(value: Decimal | int | str) -> str:
        english = f"{Decimal(value):,.2f}"
        return english if language == "en" else english.translate(_RUSSIAN_DIGITS)

    environment.filters |= {"day": day, "moment": moment, "money": money}
    return environment


def _render(office: Office, environment: Environment, language: str, name: str, variables: Mapping[str, Any]) -> str:
    file = Path(office.templates) / language / name
    try:
        return environment.get_template(name).render(variables)
    except TemplateNotFound as error:
        where = f"{file}" if error.name == name else f"{file}:1"
        raise OfficeError([f"{where}: there is no template {error.name!r}"]) from error
    except TemplateSyntaxError as error:
        raise OfficeError([f"{error.filename or file}:{error.lineno}: {error.message}"]) from error
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # what a template computes can fail like any program; one wording must not stop the others
        raise OfficeError([f"{_failing_line(error, file)}: {error}"]) from error


def _failing_line(error: Exception, file: Path) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return next((f"{f.filename}:{f.lineno}" for f in reversed(frames) if f.filename.endswith(".j2")), f"{file}:1")


def _path(office: Office, language: str, wording: str) -> Path:
    return Path(office.templates) / language / (wording + _TEXT)
