"""Who may hear a recording: administrators; others only when it was opened to them, by setting or by a grant."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tasks.rules.office_telephony import Line, Telephony

ADMINISTRATOR = "administrator"
_ROLE = "role:"


def hearing_right(
    person: str, roles: Collection[str], telephony: Telephony, line: str | None, granted_to: Iterable[str]
) -> str:
    """By what right `person` (ref) may hear the recording of a call on `line`; '' when by none.

    'administrator', 'setting:ROLE', or 'grant:REF'. `granted_to` are the standing grants of this recording.
    """
    if ADMINISTRATOR in roles:
        return ADMINISTRATOR
    by_setting = sorted(set(roles) & set(opened_roles(telephony, line)))
    if by_setting:
        return f"setting:{by_setting[0]}"
    own = {person, *(f"{_ROLE}{role}" for role in roles)}
    by_grant = sorted(own & set(granted_to))
    return f"grant:{by_grant[0]}" if by_grant else ""


def opened_roles(telephony: Telephony, line: str | None) -> tuple[str, ...]:
    """The roles to which the office folder opens the recordings of this line."""
    return (*telephony.recordings.open_to, *_line_roles(telephony.lines, line))


def _line_roles(lines: Iterable[Line], number: str | None) -> tuple[str, ...]:
    return next((line.open_to for line in lines if number and line.number == number), ())
