"""Guard: the same mail again, by another box or after a renumbering. Same meaning key as an earlier item: linked."""

from __future__ import annotations

from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.surroundings import Surroundings, Verdict


def copy_of_an_item(_mail: ParsedMail, around: Surroundings) -> Verdict | None:
    """What was understood once is not understood twice."""
    if around.duplicate_of_id is None:
        return None
    return Verdict("duplicate", f"the same mail as item {around.duplicate_of_id}")
