"""One step of an advance run in one transaction: again when another worker was faster, held when it cannot be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from tasks.gateways.store.connection import writing
from tasks.gateways.store.process_items import ConflictError
from tasks.office_round import OfficeRound
from tasks.rules.errors import CalloutError

_TRIES = 5
_LAST_CHARS = 300
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Attempts:
    """The transactions of one run. What one that is given up counted as somebody's work is forgotten."""

    engine: sa.Engine
    run: OfficeRound

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One write transaction; see `tasks.gateways.store.connection.writing`."""
        try:
            with writing(self.engine) as connection:
                yield connection
        except BaseException:
            self.run.forget_loads()
            raise

    def carry(
        self, step: Callable[[sa.Connection], _T], hold: Callable[[Exception], None], give_up: Callable[[], None]
    ) -> list[_T]:
        """What one step gave; nothing when it was held, or others were too often faster (`give_up`).

        Raises CalloutError: that is no fault of the step's item.
        """
        for _ in range(_TRIES):
            try:
                with self.writing() as connection:
                    given = step(connection)
            except ConflictError:
                continue
            except CalloutError:
                raise
            except Exception as error:
                # whatever is wrong with one must not stop the office; the reason is kept for a person
                hold(error)
                return []
            return [given]
        give_up()
        return []


def reason_of(error: Exception) -> str:
    """Why a step was held, when nobody foresaw it."""
    return f"{type(error).__name__}: {str(error)[:_LAST_CHARS]}"
