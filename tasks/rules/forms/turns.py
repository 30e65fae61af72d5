"""In which turn each of many posts is taken, when one statement takes a whole turn."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def turns(names: Sequence[Collection[str]]) -> list[list[int]]:
    """The numbers of the posts, turn by turn: of two that share a name the later one comes in a later turn.

    A post sees what the turns before it made, so that the outcome is that of taking one after another.
    """
    taken: list[list[int]] = []
    last: dict[str, int] = {}
    for number, own in enumerate(names):
        turn = max((last[name] + 1 for name in own if name in last), default=0)
        last.update(dict.fromkeys(own, turn))
        if turn == len(taken):
            taken.append([])
        taken[turn].append(number)
    return taken
