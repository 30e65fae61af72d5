"""Numbers, times and money as people write them in Russian and in English."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tasks.rules.report_model import Word
from tasks.rules.report_words import word

_SIGNS = {"RUB": "₽", "EUR": "€", "USD": "$", "NOK": "kr"}
_NBSP = "\N{NO-BREAK SPACE}"
_MONTHS_RU = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WEEKDAYS_RU = ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"]
_WEEKDAYS_EN = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def written(kind: str, value: Any, language: str, zone: ZoneInfo, currency: str) -> str:
    """`value` of a column's kind as text; None is 'not available' in words, an empty text stays empty."""
    if value is None:
        return word("unavailable", language)
    if isinstance(value, Word):
        return word(value.key, language)
    return "" if value == "" else _written(kind, value, language, zone, currency)


def _written(kind: str, value: Any, language: str, zone: ZoneInfo, currency: str) -> str:
    match kind:
        case "count":
            return number(value, language)
        case "decimal":
            return number(_rounded(value, "0.1"), language)
        case "difference" | "change" | "points":
            return _signed(kind, _rounded(value, "0.1"), language)
        case "percent":
            return number(_rounded(value, "0.1"), language) + (f"{_NBSP}%" if language == "ru" else "%")
        case "seconds":
            return duration(int(_rounded(value, "1")), language)
        case "money":
            return f"{number(_rounded(value, '0.01'), language)}{_NBSP}{_SIGNS.get(currency, currency)}"
        case "moment":
            return moment(value, language, zone)
        case "day":
            return f"{value:%d.%m.%Y}" if language == "ru" else value.isoformat()
        case "word":
            return worded(value, language)
        case _:
            return str(value)


def _signed(kind: str, value: Decimal, language: str) -> str:
    """'+5,2 %', '−3,1 п. п.', '+1,0'; nothing is '0'."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    percent = f"{_NBSP}%" if language == "ru" else "%"
    unit = {"difference": "", "change": percent, "points": f"{_NBSP}{word('points', language)}"}[kind]
    return f"{sign}{number(abs(value), language)}{unit}"


def worded(key: str, language: str) -> str:
    """The text of `key`; a value of the data that has no text yet ('outcome.parked') is shown as it is."""
    try:
        return word(key, language) if key else ""
    except KeyError:
        return key.partition(".")[2]


def number(value: float | Decimal, language: str) -> str:
    """A number with its thousands grouped and the language's decimal sign."""
    text = f"{value:,}"
    return text.replace(",", _NBSP).replace(".", ",") if language == "ru" else text


def duration(seconds: int, language: str) -> str:
    """Seconds as '42 с', '5 мин 12 с', '25 мин' or '3 ч 20 мин'."""
    hour, minute, second = ("ч", "мин", "с") if language == "ru" else ("h", "min", "s")
    if seconds < 60:
        return f"{seconds}{_NBSP}{second}"
    if seconds < 3600:
        rest = f" {seconds % 60:02d}{_NBSP}{second}" if seconds % 60 else ""
        return f"{seconds // 60}{_NBSP}{minute}{rest}"
    return f"{number(seconds // 3600, language)}{_NBSP}{hour} {seconds // 60 % 60:02d}{_NBSP}{minute}"


def clock(seconds: int) -> str:
    """Seconds as '0:42', '5:12' or '3:20:00', for the columns of a table."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def moment(value: datetime, language: str, zone: ZoneInfo) -> str:
    """A moment in the office's zone, to the second."""
    local = value.astimezone(zone)
    return f"{local:%d.%m.%Y %H:%M:%S}" if language == "ru" else f"{local:%Y-%m-%d %H:%M:%S}"


def period(first: date, last: date, language: str) -> str:
    """One day with its weekday, or the days from … to."""
    if first == last:
        weekdays = _WEEKDAYS_RU if language == "ru" else _WEEKDAYS_EN
        return f"{long_day(first, language)}, {weekdays[first.weekday()]}"
    return f"{long_day(first, language)} – {long_day(last, language)}"


def long_day(day: date, language: str) -> str:
    """'17 ноября 2026', '17 November 2026'."""
    months = _MONTHS_RU if language == "ru" else _MONTHS_EN
    return f"{day.day} {months[day.month - 1]} {day.year}"


def _rounded(value: float | Decimal, step: str) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(step), rounding=ROUND_HALF_UP)
