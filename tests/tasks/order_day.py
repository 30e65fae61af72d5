"""An order of the sample office, brought so far by the answers of the people asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sql import schema
from tests.tasks.day_at_office import DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)  # 09:00 in Moscow
QUALIFIED = "квалифицирован\nвид: first\nдиспетчер: daria\nкомпания: ООО Новый клиент\nимя: Иван Петров"
FILLED = "позиция: repair-boiler x 1\nпозиция: Прокладки = 350 x 2\nисполнитель: egor\nвремя: 2026-11-19 10:00\nготово"


def at(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def qualify(day: DayAtOffice) -> None:
    """A lead has come, and a manager has qualified it."""
    day.lead(at(0))
    day.advance(at(1))
    day.answer(at(2), "lead_new", "", QUALIFIED)
    day.advance(at(3))


def fill(day: DayAtOffice) -> None:
    """The dispatcher has filled the order in."""
    qualify(day)
    day.answer(at(10), "work_price", "daria", FILLED)
    day.advance(at(11))


def agree(day: DayAtOffice) -> None:
    """Client and executor have agreed to the time."""
    fill(day)
    day.answer(at(20), "work_time_agreed", "ivan", "Да, спасибо!")
    day.answer(at(21), "work_time_agreed", "egor", "да")
    day.advance(at(22))


def approve(day: DayAtOffice) -> None:
    """The order is approved."""
    agree(day)
    manager = day.letters("lead_new")[0].recipient
    day.answer(at(30), "work_approval", "daria", "согласовано")
    day.answer(at(31), "work_approval", manager, "да")
    day.advance(at(32))


def stage(day: DayAtOffice) -> str:
    """Where the first order stands."""
    return str(day.rows(schema.deal)[0].stage)
