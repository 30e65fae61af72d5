"""How much haste is allowed: so many within a time window, counted by number of the window since 1970."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` within every `seconds`; `name` is what is counted."""

    name: str
    count: int
    seconds: int = 3600

    def slot(self, now: datetime) -> int:
        """The number of the window that holds `now`."""
        return int(now.timestamp()) // self.seconds

    def ends_at(self, now: datetime) -> datetime:
        """When the window is over and counting begins anew."""
        return datetime.fromtimestamp((self.slot(now) + 1) * self.seconds, UTC)


SIGN_IN_BY_MAIL = Rate("sign-in-mail", 5)
SIGN_IN_BY_ADDRESS = Rate("sign-in-address", 30)
