"""`./callout process export | import | migrate`: files between offices, and items between versions."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from deployments.cli.desk import DIFFERENT_EXIT, opened_desk
from deployments.cli.process import office_processes, office_words, read_named
from deployments.settings import read_settings
from tasks.gateways.process_files import FOLDER, as_yaml, examine, read_process_file, require
from tasks.gateways.strict_yaml import parse_yaml
from tasks.rules.errors import OfficeError, UsageError
from tasks.rules.process_tools.diff import compare
from tasks.rules.process_tools.diff_words import change_lines
from tasks.rules.process_tools.migration import Renaming
from tasks.rules.process_tools.migration_words import plan_line, total_line, unfit_words


def export_process(arguments: argparse.Namespace) -> int:
    """One self-contained file: ready rules are written out in it."""
    name = f"{arguments.name}@{arguments.version}" if arguments.version else arguments.name
    text = as_yaml(read_named(name))
    if arguments.output is None:
        print(text, end="")
        return 0
    arguments.output.write_text(text, encoding="utf-8")
    print(arguments.output)
    return 0


def import_process(arguments: argparse.Namespace) -> int:
    """Check a file, say what changes, and put it into the office folder; --dry-run writes nothing."""
    found = require(read_process_file(arguments.file, os.environ))
    raw = found.raw
    name, version = str(raw["process"]), int(raw["version"])
    language, _ = office_words()
    there = office_processes().get(name)
    before: Mapping[str, Any] = there.raw if there and not there.problems() else {}
    _refuse_same_version(name, version, raw, before)
    print("\n".join(change_lines(compare(before, raw), language)))
    if arguments.dry_run:
        return 0
    folder = read_settings().office
    text = arguments.file.read_text(encoding="utf-8")
    library = dict(there.ready) if there else {}
    if (
        "ready" in (found.source.value or {})
        and examine(parse_yaml(name, text.encode(), os.environ), library).raw != raw
    ):
        text = as_yaml(raw)  # its ready rules are not the ones that this office has
    file = folder / FOLDER / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    print(file)
    return 0


def _refuse_same_version(name: str, version: int, raw: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """A version is what it was: another content is another version."""
    kept = {int(before["version"]): before} if before else {}
    kept |= _kept_versions(name)
    if version in kept and compare(kept[version], raw):
        newest = max(kept)
        raise OfficeError(
            [f"version {version} of {name!r} is known here with another content: write version: {newest + 1}"]
        )


def _kept_versions(name: str) -> dict[int, Mapping[str, Any]]:
    """The versions that have run here; none when the store cannot be opened for the folder's mistakes."""
    try:
        with opened_desk() as desk:
            from tasks.gateways.store.connection import reading
            from tasks.gateways.store.process_definitions import read_definitions

            with reading(desk.engine) as connection:
                return {kept.version: kept.raw() for kept in read_definitions(connection) if kept.name == name}
    except OfficeError:
        return {}


def migrate_process(arguments: argparse.Namespace) -> int:
    """The plan, or with --apply the migration; 1 when items are left."""
    names = Renaming(_pairs(arguments.stage), _pairs(arguments.work))
    now = datetime.now(UTC)
    with opened_desk() as desk:
        from tasks.process_tools.migrating import apply_migration, plan_migration

        if arguments.apply:
            planned = apply_migration(desk, arguments.name, arguments.to, names, arguments.due, arguments.who, now)
        else:
            planned = plan_migration(desk, arguments.name, arguments.to, names, now)
        language = desk.office.language
    unfit = sum(1 for one in planned if one.plan.unfit)
    if arguments.json:
        print(json.dumps([_as_json(one, language) for one in planned], ensure_ascii=False))
    else:
        for one in planned:
            print(plan_line(one.item_id, one.number, one.plan, language))
        print(total_line(len(planned) - unfit, unfit, sum(1 for one in planned if one.plan.due), language))
    return DIFFERENT_EXIT if unfit else 0


def _as_json(one: Any, language: str) -> dict[str, Any]:
    return {
        "item": one.item_id,
        "number": one.number,
        "from": one.version,
        "stage": one.plan.stage,
        "unfit": [unfit_words(reason, language) for reason in one.plan.unfit],
        "due": list(one.plan.due),
        "dropped": list(one.plan.dropped),
        "is_done": one.is_done,
    }


def _pairs(words: list[str]) -> dict[str, str]:
    """OLD=NEW as a mapping. Raises UsageError."""
    pairs = {}
    for word in words:
        old, is_pair, new = word.partition("=")
        if not is_pair or not old or not new:
            raise UsageError(f"{word!r}: write OLD=NEW")
        pairs[old] = new
    return pairs
