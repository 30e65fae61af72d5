"""What can go wrong at the door, as people are told: what happened, that nothing was changed, and what to do."""

from __future__ import annotations

from fastapi import HTTPException

FAULTS: dict[str, int] = {
    "bad_request": 400,
    "forged": 403,
    "foreign": 403,
    "other_site": 403,
    "no_right": 403,
    "not_found": 404,
    "expired": 410,
    "used": 410,
    "other_host": 421,
    "too_large": 413,
    "wrong_input": 422,
    "too_many": 429,
    "broken": 500,
    "store": 503,
}
"""Every fault and its HTTP status; its words stand in templates/_faults.html.j2."""
_OF_STATUS = {
    400: "bad_request",
    403: "no_right",
    404: "not_found",
    405: "not_found",
    413: "too_large",
    429: "too_many",
}


class Fault(HTTPException):
    """A refusal with a name; `said` is added in words, never more than a line."""

    def __init__(self, name: str, said: str = "") -> None:
        self.name = name
        self.said = said
        super().__init__(FAULTS[name], said or name)


def fault_of_status(status: int) -> str:
    """The fault's name for a status that the framework chose."""
    return _OF_STATUS.get(status, "broken" if status >= 500 else "bad_request")
