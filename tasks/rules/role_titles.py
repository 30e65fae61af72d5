"""What a role of the office is called."""

from __future__ import annotations

from tasks.rules.office import Office
from tasks.rules.report_words import word


def role_title(office: Office, role: str, language: str) -> str:
    """A built-in role's title, or that which the office folder gives its own; its key where there is none."""
    if role in office.own_roles:
        return next((title for key, title in office.own_roles[role].items() if key == language), role)
    return word(f"role.{role}", language)
