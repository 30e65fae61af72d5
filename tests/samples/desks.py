"""A desk like another, with another office."""

from __future__ import annotations

from tasks.desk import Desk
from tasks.rules.office import Office


def desk_with(desk: Desk, office: Office) -> Desk:
    """The same store, secrets and folders under `office`."""
    return Desk(office, desk.engine, desk.secrets, desk.files, desk.reports)
