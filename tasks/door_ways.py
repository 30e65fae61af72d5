"""What somebody may do with an item by its commands, as a page offers it: all of them, or those instead of a vote."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from tasks.door_fields import input_of, is_editable
from tasks.door_sight import Sight, title_of
from tasks.gateways.store.door_items import WorkRow
from tasks.process_acts import explain, possible_moves
from tasks.rules.door.effect_words import command_title, effects
from tasks.rules.door.looks import Input, Way
from tasks.rules.item_words import reason_field
from tasks.rules.process.definition import Definition
from tasks.rules.process.possible import PossibleMove, moves_now
from tasks.rules.process.state import VERBS

_FILLABLE = frozenset({"empty", "required", "words"})


def ways_of(connection: sa.Connection, sight: Sight, actor: str) -> list[Way]:
    """Every command of the item: what it would do, why it is grey, and the fields it lacks."""
    return [_way(connection, sight, move) for move in _commands(connection, sight, actor)]


def corrections_of(connection: sa.Connection, sight: Sight, row: WorkRow, actor: str) -> list[Way]:
    """The commands by which whoever is asked for a vote may change the files it is for; none where it is for no file.

    What only ends the item is no correction.
    """
    definition = sight.definition
    part = definition.work.get(row.name)
    if part is None or not part.is_vote or row.state != "open" or row.owner != actor:
        return []
    bound = [definition.fields[name] for name in part.binds if name in definition.fields]
    inputs = [input_of(sight, one) for one in bound if one.type == "file" and is_editable(one)]
    if not inputs:
        return []
    if reason := reason_field(definition):
        inputs.append(Input(reason, title_of(sight, definition.fields[reason]), "long", ""))
    possible = possible_moves(connection, sight.run, sight.stored.item_id, actor)
    moves = [move for move in possible if move.name not in VERBS and _corrects(definition, move, inputs)]
    return [Way(move.name, command_title(move.name, sight.language), True, (), (), inputs) for move in moves]


def _corrects(definition: Definition, move: PossibleMove, inputs: Sequence[Input]) -> bool:
    """Whether it can be said with these inputs filled in, and the item goes on."""
    lacking = {reason.name for reason in move.reasons if reason.kind in ("empty", "required")}
    has_others = any(reason.kind not in _FILLABLE for reason in move.reasons)
    if not move.is_theirs or has_others or not lacking <= {one.name for one in inputs}:
        return False
    rules = [rule for stage in definition.stages.values() for rule in stage.rules if rule.key in move.rules]
    rules += [rule for rule in definition.rules if rule.key in move.rules]
    return not all(rule.to and definition.stages[rule.to].ends for rule in rules)


def _commands(connection: sa.Connection, sight: Sight, actor: str) -> list[PossibleMove]:
    """What can be tried now; while a clock is due and not looked at yet, nothing can be said."""
    run, item = sight.run, sight.stored.item
    if item.clocks and item.clocks[0].due < run.now:
        return []
    facts = run.facts(connection, sight.definition, item)
    return [move for move in moves_now(sight.definition, facts, item, actor, run.now) if move.name not in VERBS]


def _way(connection: sa.Connection, sight: Sight, move: PossibleMove) -> Way:
    lacking = [reason.name for reason in move.reasons if reason.kind in ("empty", "required")]
    parts = [sight.definition.fields[name] for name in dict.fromkeys(lacking) if name in sight.definition.fields]
    inputs = [input_of(sight, part) for part in parts if is_editable(part)]
    others = {reason.kind for reason in move.reasons} - _FILLABLE
    can_be_filled = bool(inputs) and not others
    return Way(
        name=move.name,
        title=command_title(move.name, sight.language),
        is_open=move.is_accepted or (move.is_theirs and can_be_filled),
        effects=effects(sight.definition, move.decisions, sight.language, sight.named),
        reasons=explain(move.reasons, sight.language, connection, sight.run, sight.definition),
        inputs=inputs,
    )
