"""What a telephony report is asked for, beyond its days."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TelephonyWish:
    """Which calls ('' is all of them), beside which period, and which service levels.

    `queue` is its number or the office's name for it, `employee` a key or name of people.yaml or an extension;
    `compare` is 'previous' or ''; `levels` is 'own' for the office's definition alone.
    """

    line: str = ""
    queue: str = ""
    employee: str = ""
    compare: str = ""
    levels: str = ""

    @property
    def only(self) -> tuple[str, ...]:
        """What the report is restricted to, for its file name."""
        return tuple(one for one in (self.line, self.queue, self.employee) if one)
