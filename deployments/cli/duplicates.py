"""`./callout duplicates | merge | unmerge | not-the-same`: contacts that may be one person, and a person's word."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from deployments.cli.desk import opened_desk
from deployments.cli.jobs import Job, Option, describe, run_named
from tasks.rules.text_table import text_table

if TYPE_CHECKING:
    from collections.abc import Callable

    Add = Callable[[str, str, Callable[[argparse.Namespace], int]], argparse.ArgumentParser]

_HEAD = {
    "en": ("merge", "at", "kept", "merged in", "who", "undone"),
    "ru": ("слияние", "когда", "остался", "влит", "кто", "отменено"),
}
DECIDE = Job(
    "decide-duplicates",
    "flows.duplicates.decide_duplicate_contacts",
    "DecideDuplicatesRequest",
    "Merge two contacts, undo a merge, or keep two apart. / Слить, разделить, развести контакты.",
    (
        Option("who", "key or mail address of who decides / кто решает: ключ или адрес"),
        Option("note", "why, for colleagues / почему, для коллег"),
    ),
)


def add_commands(add: Add) -> None:
    """The four commands."""
    listed = add(
        "duplicates",
        "Contacts that may be one person, with the evidence. / Контакты, которые могут быть одним человеком.",
        list_duplicates,
    )
    listed.add_argument("--contact", type=int, default=0, help="only around this one / только вокруг этого контакта")
    listed.add_argument("--merged", action="store_true", help="instead: the merges so far / уже сделанные слияния")
    listed.add_argument("--limit", type=int, default=100, help="at most so many / не больше стольких")
    listed.add_argument("--json", action="store_true", help="print one JSON object / вывести JSON")
    merged = add("merge", "Merge the second contact into the first. / Влить второй контакт в первый.", merge)
    parted = add("unmerge", "Undo a merge. / Отменить слияние.", unmerge)
    parted.add_argument("number", type=int, help="its number / номер слияния")
    apart = add("not-the-same", "Say that two contacts are two people. / Сказать, что это разные люди.", keep_apart)
    apart.add_argument("--undo", action="store_true", help="take that back / снять отметку")
    for command in (merged, apart):
        command.add_argument("contacts", type=int, nargs=2, metavar="CONTACT", help="number / номер контакта")
    for command in (merged, parted, apart):
        describe(command, DECIDE)


def list_duplicates(arguments: argparse.Namespace) -> int:
    """What would be merged and what may be; or the merges made."""
    if arguments.merged:
        return _list_merges(arguments)
    with opened_desk() as desk:
        from tasks.merging import find_duplicates
        from tasks.rules.matching.duplicates import duplicate_json, duplicate_lines

        found = find_duplicates(desk, arguments.contact or None)
        language = desk.office.language
    pairs = found.pairs[: arguments.limit]
    if arguments.json:
        print(json.dumps(duplicate_json(pairs, found.crowded, language), ensure_ascii=False))
        return 0
    lines = duplicate_lines(pairs, found.crowded, language)
    more = len(found.pairs) - len(pairs)
    print("\n".join([*lines, *([f"… +{more} (--limit)"] if more else [])]))
    return 0


def _list_merges(arguments: argparse.Namespace) -> int:
    with opened_desk() as desk:
        from tasks.merging import recent_merges

        merges = recent_merges(desk, arguments.limit)
        language, zone = desk.office.language, desk.office.zone
    rows = [
        (
            one.merge_id,
            f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}",
            one.winner_id,
            one.loser_id,
            one.actor,
            f"{one.undone_at.astimezone(zone):%Y-%m-%d %H:%M}" if one.undone_at else "",
        )
        for one in merges
    ]
    if arguments.json:
        names = ("merge", "at", "kept", "merged_in", "who", "undone")
        print(json.dumps([dict(zip(names, row, strict=True)) for row in rows], ensure_ascii=False))
    else:
        print("\n".join(text_table(_HEAD[language], rows)))
    return 0


def merge(arguments: argparse.Namespace) -> int:
    """Run the flow: the second contact goes into the first."""
    return _decide(arguments, {"action": "merge", "contacts": arguments.contacts})


def unmerge(arguments: argparse.Namespace) -> int:
    """Run the flow: undo a merge."""
    return _decide(arguments, {"action": "unmerge", "merge": arguments.number})


def keep_apart(arguments: argparse.Namespace) -> int:
    """Run the flow: two people, or take that back."""
    action = "same_again" if arguments.undo else "not_the_same"
    return _decide(arguments, {"action": action, "contacts": arguments.contacts})


def _decide(arguments: argparse.Namespace, fields: dict[str, Any]) -> int:
    given = {option.field: getattr(arguments, option.field) for option in DECIDE.options}
    return run_named(DECIDE, fields | {name: value for name, value in given.items() if value}, arguments)
