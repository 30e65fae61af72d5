"""What must hold in the qualification form of the office folder."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.rules.leads.qualification_form import flaws_in
from tasks.rules.office_checks import Flaw
from tasks.rules.office_files import OfficeParts


def check_qualification(parts: OfficeParts) -> Iterator[Flaw]:
    """Every mistake of qualification.yaml that its types do not catch."""
    if parts.qualification:
        for path, reason in flaws_in(parts.qualification):
            yield Flaw("qualification.yaml", path, reason)
