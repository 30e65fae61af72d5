"""The office folder's wordings: templates/LANGUAGE/NAME.txt.j2 (first line `Subject: …`) with NAME.html.j2 beside it.

A brand's own stand before them in templates/BRAND/LANGUAGE/. A wording without HTML of its own gets its text in the
folder's _layout.html.j2, where there is one.

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
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment

from tasks.rules.brands import house_brand
from tasks.rules.errors import OfficeError
from tasks.rules.office import Brand, Office
from tasks.rules.text_blocks import text_blocks

TEXT, HTML = ".txt.j2", ".html.j2"
SUBJECT = "Subject:"
LAYOUT = "_layout.html.j2"
_SIGNATURE = "-- "  # RFC 3676 4.3: what follows is left out of answers by most mail programs
_OF_TEXT = Path(__file__).parent / "wording_templates" / "_of_text.html.j2"
_RUSSIAN_DIGITS = str.maketrans({",": "\u00a0", ".": ","})  # 12 500,00 with a no-break space
_DATE_FORMATS = {"ru": "%d.%m.%Y", "en": "%d %b %Y"}


@dataclass(frozen=True, slots=True)
class Worded:
    """A message in words; `html` is '' when the wording has none."""

    subject: str
    text: str
    html: str


def render_wording(
    office: Office, wording: str, language: str, data: Mapping[str, Any], brand: Brand | None = None
) -> Worded:
    """Put `data` into a wording, under `brand` (None: the company itself), in `language` or else the office's own.

    Templates see `data`, `office`, `brand`, the brand's `footer`, and the filters day, moment and money. Raises
    OfficeError with the template's file and line when it is missing, names what is not there, or fails.
    """
    brand = brand or house_brand(office)
    spoken = next((one for one in (language, office.language) if find_text(office, brand, one, wording)), language)
    file = find_text(office, brand, spoken, wording) or Path(office.templates) / spoken / (wording + TEXT)
    press = _press(office.templates, brand.key, spoken, office.time_zone, office.digest)
    footer = _footer(brand, spoken)
    variables: dict[str, Any] = {"office": office, "brand": brand, "footer": footer} | dict(data)
    first, _, rest = _render(press.environment, file, variables).lstrip().partition("\n")
    if not first.startswith(SUBJECT):
        raise OfficeError([f"{file}:1: the first line must be '{SUBJECT} …'"])
    subject, body = first.removeprefix(SUBJECT).strip(), rest.strip()
    html = _html(office, press, brand, file, variables | {"subject": subject, "blocks": text_blocks(body)})
    return Worded(subject, f"{body}\n\n{_SIGNATURE}\n{footer}\n" if footer else f"{body}\n", html)


def has_wording(office: Office, language: str, wording: str) -> bool:
    """Whether the company has a text of its own for a wording, in this language or in the office's."""
    house = house_brand(office)
    return any(find_text(office, house, one, wording) for one in (language, office.language))


def find_text(office: Office, brand: Brand, language: str, wording: str) -> Path | None:
    """The text template of a wording: the brand's own in this language, else the company's; None when there is none."""
    files = (place / (wording + TEXT) for place in _places(office, brand, language))
    return next((file for file in files if file.is_file()), None)


def wording_environment(office: Office, brand: Brand, language: str) -> Environment:
    """What templates of one brand and language are compiled and rendered in."""
    return _press(office.templates, brand.key, language, office.time_zone, office.digest).environment


def _html(office: Office, press: _Press, brand: Brand, text: Path, variables: Mapping[str, Any]) -> str:
    """The HTML template beside the text or of a brand before it; else the text itself in the folder's layout."""
    name = text.name.removesuffix(TEXT) + HTML
    for place in _places(office, brand, text.parent.name):
        if (place / name).is_file():
            return _render(press.environment, place / name, variables)
        if place == text.parent:
            break  # words of its own never go with the HTML of others
    return _render(press.environment, _OF_TEXT, variables) if press.has_layout else ""


def _places(office: Office, brand: Brand, language: str) -> list[Path]:
    folder = Path(office.templates)
    return [folder / brand.key / language, folder / language] if brand.key else [folder / language]


def _footer(brand: Brand, language: str) -> str:
    """The brand's footer in this language, else in any."""
    spoken = [text for key, text in brand.footer.items() if key == language]
    return next(iter([*spoken, *brand.footer.values()]), "").strip()


@dataclass(frozen=True, slots=True)
class _Press:
    """Templates of one brand and language; `has_layout`: text can be put into HTML."""

    environment: Environment
    has_layout: bool


@lru_cache(maxsize=64)
def _press(folder: str, brand: str, language: str, time_zone: str, digest: str) -> _Press:
    environment = _environment(folder, brand, language, time_zone, digest)
    return _Press(environment, LAYOUT in environment.list_templates())


def _environment(folder: str, brand: str, language: str, time_zone: str, _digest: str) -> Environment:
    """The brand's templates before the company's; the digest keeps a changed folder from meeting yesterday's."""
    own = [Path(folder) / brand / language, Path(folder) / brand] if brand else []
    folders = [*own, Path(folder) / language, Path(folder), _OF_TEXT.parent]
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(folders),
        autoescape=lambda name: bool(name and name.endswith(HTML)),
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


def _render(environment: Environment, file: Path, variables: Mapping[str, Any]) -> str:
    try:
        return environment.get_template(file.name).render(variables)
    except TemplateNotFound as error:
        where = f"{file}" if error.name == file.name else _failing_line(error, file)
        raise OfficeError([f"{where}: there is no template {error.name!r}"]) from error
    except TemplateSyntaxError as error:
        raise OfficeError([f"{error.filename or file}:{error.lineno}: {error.message}"]) from error
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # what a template computes can fail like any program; one wording must not stop the others
        raise OfficeError([f"{_failing_line(error, file)}: {error}"]) from error


def _failing_line(error: Exception, file: Path) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return next((f"{f.filename}:{f.lineno}" for f in reversed(frames) if f.filename.endswith(".j2")), f"{file}:1")
