"""Pages from templates, in the reader's language, with times and money as they are written there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

FOLDER = Path(__file__).parent
LANGUAGES = ("ru", "en")
Unit = Literal["year", "month", "week", "day", "hour", "minute"]
_UNITS: tuple[tuple[Unit, int], ...] = (
    ("year", 31_536_000),
    ("month", 2_592_000),
    ("week", 604_800),
    ("day", 86_400),
    ("hour", 3600),
    ("minute", 60),
)
_SECONDS: dict[Unit, int] = dict(_UNITS)


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; English is the language of the source."""
    file = FOLDER / "locale" / f"{language}.po"
    if not file.is_file():
        return NullTranslations()
    with file.open("rb") as opened:
        catalogue = read_po(opened, locale=language)
    packed = BytesIO()
    write_mo(packed, catalogue)
    packed.seek(0)
    return Translations(packed)


@lru_cache(maxsize=32)
def environment(language: str, time_zone: str) -> Environment:
    """Templates of one language, with times in the office's zone."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # by i18n
    made.globals["gettext"] = made.globals["_"] = _sentences(language)
    zone = ZoneInfo(time_zone)
    made.filters["moment"] = lambda at, now: moment(at, now, language, zone)
    made.filters["day"] = lambda on: format_date(on, "d MMMM y" if language == "ru" else "d MMM y", locale=language)
    made.filters["money"] = lambda value, currency: money(value, currency, language)
    made.filters["plain_number"] = lambda value: format_decimal(value, locale=language)
    made.globals["static"] = static_url
    made.globals["language"] = language
    return made


def _sentences(language: str) -> Callable[..., Markup]:
    """What the extension's own gettext says, but a sentence without values is made once, not every time."""
    catalogue = translations(language)

    @lru_cache(maxsize=2048)
    def plain(text: str) -> Markup:
        return Markup(catalogue.gettext(text) % {})  # noqa: S704 - our own words

    def sentence(text: str, /, **values: Any) -> Markup:
        return Markup(catalogue.gettext(text)) % values if values else plain(text)  # noqa: S704 - our own words

    return sentence


@lru_cache(maxsize=1024)
def fragment(template: str, language: str, time_zone: str, shown: Hashable) -> Markup:
    """A part of a page which is made of `shown` alone, so that what looks the same is made once."""
    return Markup(environment(language, time_zone).get_template(template).render(shown=shown))  # noqa: S704 - escaped


def moment(at: datetime, now: datetime, language: str, zone: ZoneInfo) -> Markup:
    """A time as people read it, with how far away it is: '17 Nov 2026, 12:30 (in 2 weeks)'."""
    return _moment(at, now.astimezone(zone).year, away(at - now, language), language, zone)


@lru_cache(maxsize=8192)
def _moment(at: datetime, this_year: int, away_words: str, language: str, zone: ZoneInfo) -> Markup:
    local = at.astimezone(zone)
    day = _day(local.date(), language, has_year=local.year != this_year)
    # nothing here comes from outside, so nothing has to be escaped
    return Markup(  # noqa: S704
        f'<time datetime="{local.isoformat(timespec="minutes")}">{day}, {local:%H:%M} '
        f'<span class="away">({away_words})</span></time>'
    )


@lru_cache(maxsize=4096)
def _day(on: date, language: str, *, has_year: bool) -> str:
    text: str = format_date(on, "d MMM y" if has_year else "d MMM", locale=language)
    return text


def away(span: timedelta, language: str) -> str:
    """How far away a moment is: 'in 2 weeks', '3 days ago'."""
    seconds = span.days * 86_400 + span.seconds
    size = abs(seconds) + 60
    unit: Unit = next((unit for unit, least in _UNITS if size >= least), "minute")
    count = round(seconds / _SECONDS[unit])
    return _away(unit, count, language) if count else str(translations(language).gettext("now"))


@lru_cache(maxsize=4096)
def _away(unit: Unit, count: int, language: str) -> str:
    seconds = _SECONDS[unit] * count
    text: str = format_timedelta(
        timedelta(seconds=seconds), granularity=unit, add_direction=True, locale=language, threshold=10_000
    )
    return text


def plain_moment(at: datetime, language: str, zone: ZoneInfo) -> str:
    """A time without markup, for a table that is taken away."""
    return format_datetime(at.astimezone(zone), "d MMM y, HH:mm", locale=language)


def plain_day(on: date, language: str) -> str:
    """A day without markup."""
    return format_date(on, "d MMM y", locale=language)


def money(value: Decimal | str | float, currency: str, language: str) -> str:
    """An amount with its currency; no kopecks where there are none."""
    amount = Decimal(str(value))
    is_whole = amount == amount.to_integral_value()
    text: str = format_currency(
        amount, currency, "#,##0 ¤" if is_whole else "#,##0.00 ¤", locale=language, currency_digits=False
    )
    return text


@cache
def static_url(name: str) -> str:
    """Address of a file of ours, new whenever the file is."""
    digest = hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def language_of(request: Request, office_language: str) -> str:
    """The visitor's own language, else what the browser asks for, else the office's."""
    known = getattr(request.state, "language", "")
    if known in LANGUAGES:
        return str(known)
    for part in request.headers.get("accept-language", "").split(","):
        wanted = part.partition(";")[0].strip()[:2].lower()
        if wanted in LANGUAGES:
            return wanted
    return office_language


def render(request: Request, template: str, *, status: int = 200, **said: Any) -> HTMLResponse:
    """The page `template` for whoever asks; it sees the room, the visitor if there is one, and what is `said`."""
    room = request.app.state.room
    language = language_of(request, room.office.language)
    said = {
        "office": room.office,
        "visitor": getattr(request.state, "visitor", None),
        "path": request.url.path,
        "reference": getattr(request.state, "reference", ""),
        "now": room.now(),
        **said,
    }
    text = environment(language, room.office.time_zone).get_template(template).render(said)
    return HTMLResponse(text, status, headers={"content-language": language, "vary": "Cookie, Accept-Language"})


def say(request: Request, text: str, **values: Any) -> str:
    """A sentence of the catalogue outside a template."""
    room = request.app.state.room
    sentence: str = translations(language_of(request, room.office.language)).gettext(text)
    return sentence % values if values else sentence
