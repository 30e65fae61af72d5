"""Days off and shortened days of a country, year by year, with the weekends that a decree moved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays

# Only Russian law shortens the eve of a public holiday (Labour Code, art. 95); names are asked for in one language
# because the library tells a moved day off from a public holiday by its name alone.
_SHORTENING_COUNTRY = "RU"
_MOVED_FROM = re.compile(r"substituted from (\d\d/\d\d/\d{4})")
_NOT_PUBLIC = ("Day off", "(observed)")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CountryYear:
    """One year of one country: days off, weekend days that are worked, and days that are one hour shorter."""

    days_off: frozenset[date]
    worked_weekend_days: frozenset[date]
    short_days: frozenset[date]


_NO_HOLIDAYS = CountryYear(frozenset(), frozenset(), frozenset())


@lru_cache(maxsize=256)
def country_year(country: str, year: int) -> CountryYear:
    """The year of `country` (ISO 3166 alpha-2; '' knows no holidays). Raises ValueError for an unknown country."""
    if not country:
        return _NO_HOLIDAYS
    language = "en_US" if country == _SHORTENING_COUNTRY else None
    try:
        # the year after tells whether 31 December is the eve of a holiday
        found = holidays.country_holidays(country, years=(year, year + 1), expand=False, language=language)
    except NotImplementedError as error:
        raise ValueError(f"no public holidays are known for country {country!r}") from error
    days_off = frozenset(day for day in found if day.year == year)
    worked = frozenset(day for day in found.weekend_workdays if day.year == year)
    short = _short_days(dict(found)) if country == _SHORTENING_COUNTRY else frozenset()
    return CountryYear(days_off, worked, frozenset(day for day in short if day.year == year))


def _short_days(names: dict[date, str]) -> frozenset[date]:
    """Eves of public holidays; a worked weekend day is as long as the day it was moved to (Order 588n of 2009)."""
    eves = {day - _DAY for day, name in names.items() if not any(mark in name for mark in _NOT_PUBLIC)}
    moved_from = {day: _MOVED_FROM.search(name) for day, name in names.items()}
    taken_over = {
        datetime.strptime(match[1], "%m/%d/%Y").date()  # noqa: DTZ007 (a day, no moment)
        for day, match in moved_from.items()
        if match and day in eves
    }
    return frozenset(day for day in eves | taken_over if day not in names)
