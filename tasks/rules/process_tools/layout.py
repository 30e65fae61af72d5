"""A layered drawing of boxes and labelled arrows: where each stands, so that nothing covers anything else.

After Sugiyama: arrows that run back are turned for the time of the layout, every box gets a layer, an arrow becomes a
chain of small boxes through the layers between (one of them as large as its label, so that labels have room of their
own), the order within each layer is chosen for few crossings, and the places are moved towards their neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

GAP_X, GAP_Y = 24.0, 24.0
_SWEEPS = 24
_CHAIN_WEIGHT = 4.0


@dataclass(frozen=True, slots=True)
class Box:
    """Something to place; sizes in pixels."""

    name: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one box to another, with the size of its label (0 for none). At most one arrow per pair."""

    source: str
    target: str
    width: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """The middle of a box."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Routed:
    """An arrow's points from source to target, and the middle of its label."""

    arrow: Arrow
    points: tuple[tuple[float, float], ...]
    label: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything placed; the upper left corner is (0, 0)."""

    boxes: Mapping[str, Placed]
    arrows: tuple[Routed, ...]
    width: float
    height: float


@dataclass(slots=True)
class _Cell:
    """A box, or a piece of an arrow, in one layer."""

    layer: int
    width: float
    height: float
    is_chain: bool
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)
    x: float = 0.0


def lay_out(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> Drawing:
    """Place the boxes; the first is the beginning and stands on top. Arrows from a box to itself are left out."""
    arrows = [arrow for arrow in arrows if arrow.source != arrow.target]
    turned = _turned([box.name for box in boxes], arrows)
    grid = _Grid(boxes, arrows, turned)
    grid.order()
    grid.place()
    return grid.drawing()


def _turned(names: Sequence[str], arrows: Sequence[Arrow]) -> frozenset[tuple[str, str]]:
    """The arrows that run back: those that close a circle when the boxes are walked from the first."""
    after: dict[str, list[str]] = {name: [] for name in names}
    for arrow in arrows:
        after[arrow.source].append(arrow.target)
    back: set[tuple[str, str]] = set()
    done: set[str] = set()
    for start in names:
        # iterative, so that a long process does not meet the interpreter's depth
        path: list[str] = []
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, is_left = stack.pop()
            if is_left:
                path.pop()
                done.add(name)
            elif name not in done and name not in path:
                path.append(name)
                stack.append((name, True))
                back |= {(name, other) for other in after[name] if other in path}
                stack += [(other, False) for other in reversed(after[name]) if other not in path]
    return frozenset(back)


class _Grid:
    """The cells of a drawing in their layers."""

    def __init__(self, boxes: Sequence[Box], arrows: Sequence[Arrow], turned: frozenset[tuple[str, str]]) -> None:
        self._arrows = arrows
        self._turned = turned
        self._boxes = boxes
        layer_of = self._layers()
        self._cells = [_Cell(layer_of[box.name], box.width, box.height, is_chain=False) for box in boxes]
        self._index = {box.name: number for number, box in enumerate(boxes)}
        self._chains = [self._chain(arrow) for arrow in arrows]
        depth = max((cell.layer for cell in self._cells), default=0)
        self._rows: list[list[int]] = [[] for _ in range(depth + 1)]
        for number in self._walked():
            self._rows[self._cells[number].layer].append(number)

    def _ends(self, arrow: Arrow) -> tuple[str, str]:
        is_turned = (arrow.source, arrow.target) in self._turned
        return (arrow.target, arrow.source) if is_turned else (arrow.source, arrow.target)

    def _layers(self) -> dict[str, int]:
        """Two layers per step, so that every arrow has one of its own for its label."""
        layer = dict.fromkeys((box.name for box in self._boxes), 0)
        pairs = [self._ends(arrow) for arrow in self._arrows]
        for _ in self._boxes:
            moved = False
            for upper, lower in pairs:
                if layer[lower] < layer[upper] + 2:
                    layer[lower] = layer[upper] + 2
                    moved = True
            if not moved:
                break
        return layer

    def _chain(self, arrow: Arrow) -> list[int]:
        """The cells of an arrow from its upper to its lower end; the label stands next to the arrow's real source."""
        upper, lower = self._ends(arrow)
        first, last = self._index[upper], self._index[lower]
        top, bottom = self._cells[first].layer, self._cells[last].layer
        label_layer = top + 1 if upper == arrow.source else bottom - 1
        chain = [first]
        for layer in range(top + 1, bottom):
            is_label = layer == label_layer
            width, height = (arrow.width, arrow.height) if is_label else (6.0, 0.0)
            self._cells.append(_Cell(layer, width, height, is_chain=True))
            chain.append(len(self._cells) - 1)
        chain.append(last)
        for one, other in pairwise(chain):
            self._cells[one].below.append(other)
            self._cells[other].above.append(one)
        return chain

    def _walked(self) -> list[int]:
        """Every cell once, depth first from the beginning: a first order with few crossings."""
        seen: dict[int, None] = {}
        stack = list(reversed(range(len(self._cells))))
        while stack:
            number = stack.pop()
            if number not in seen:
                seen[number] = None
                stack += [other for other in reversed(self._cells[number].below) if other not in seen]
        return list(seen)

    # ------------------------------------------------------------ order

    def order(self) -> None:
        """Sort each layer by the middle of its neighbours, down and up, and keep the best order met."""
        best, fewest = [list(row) for row in self._rows], self._crossings()
        for sweep in range(_SWEEPS):
            is_down = sweep % 2 == 0
            for row in self._rows if is_down else reversed(self._rows):
                self._sort(row, is_down=is_down)
            found = self._crossings()
            if found < fewest:
                best, fewest = [list(row) for row in self._rows], found
        self._rows = best

    def _sort(self, row: list[int], *, is_down: bool) -> None:
        place = {number: position for line in self._rows for position, number in enumerate(line)}
        middle = {}
        for number in row:
            near = self._cells[number].above if is_down else self._cells[number].below
            middle[number] = sum(place[one] for one in near) / len(near) if near else float(place[number])
        row.sort(key=lambda number: middle[number])

    def _crossings(self) -> int:
        count = 0
        for upper, lower in pairwise(self._rows):
            place = {number: position for position, number in enumerate(lower)}
            ends = [sorted(place[other] for other in self._cells[number].below) for number in upper]
            flat = [end for group in ends for end in group]
            count += sum(1 for left, one in enumerate(flat) for other in flat[left + 1 :] if other < one)
        return count

    # ------------------------------------------------------------ places

    def place(self) -> None:
        """Move every cell towards its neighbours, keeping the order and the gaps."""
        for row in self._rows:
            x = 0.0
            for number in row:
                cell = self._cells[number]
                cell.x = x + cell.width / 2
                x += cell.width + GAP_X
        for sweep in range(_SWEEPS):
            for row in self._rows if sweep % 2 == 0 else reversed(self._rows):
                self._shift(row)
        left = min((cell.x - cell.width / 2 for cell in self._cells), default=0.0)
        for cell in self._cells:
            cell.x -= left - GAP_X

    def _shift(self, row: list[int]) -> None:
        """The places nearest to the wanted ones that keep the order (least squares, by pooling neighbours)."""
        cells = [self._cells[number] for number in row]
        steps = [(one.width + other.width) / 2 + GAP_X for one, other in pairwise(cells)]
        offsets, groups = list(accumulate(steps, initial=0.0))[: len(row)], []
        for cell, offset in zip(cells, offsets, strict=True):
            wanted, weight = self._wanted(cell)
            groups.append([wanted - offset, weight, 1.0])
            while len(groups) > 1 and groups[-2][0] > groups[-1][0]:
                value, heft, size = groups.pop()
                before = groups[-1]
                before[0] = (before[0] * before[1] + value * heft) / (before[1] + heft)
                before[1] += heft
                before[2] += size
        free = [group[0] for group in groups for _ in range(int(group[2]))]
        for number, place, offset in zip(row, free, offsets, strict=True):
            self._cells[number].x = place + offset

    def _wanted(self, cell: _Cell) -> tuple[float, float]:
        near = [self._cells[number] for number in (*cell.above, *cell.below)]
        if not near:
            return cell.x, 1.0
        heft = [_CHAIN_WEIGHT if one.is_chain and cell.is_chain else 1.0 for one in near]
        return sum(one.x * weight for one, weight in zip(near, heft, strict=True)) / sum(heft), sum(heft)

    # ------------------------------------------------------------ result

    def drawing(self) -> Drawing:
        """The cells as boxes and arrows."""
        middles, y = [], GAP_Y
        for row in self._rows:
            height = max((self._cells[number].height for number in row), default=0.0)
            middles.append(y + height / 2)
            y += height + GAP_Y
        boxes = {
            box.name: Placed(self._cells[number].x, middles[self._cells[number].layer], box.width, box.height)
            for number, box in enumerate(self._boxes)
        }
        width = max((cell.x + cell.width / 2 for cell in self._cells), default=0.0) + GAP_X
        ports = self._ports(boxes)
        routed = tuple(
            self._routed(arrow, chain, middles, ports) for arrow, chain in zip(self._arrows, self._chains, strict=True)
        )
        return Drawing(boxes, routed, width, y)

    def _ports(self, boxes: Mapping[str, Placed]) -> dict[tuple[int, int], float]:
        """Where each arrow touches its boxes: spread over the edge in the order of the neighbours."""
        ports: dict[tuple[int, int], float] = {}
        for number, box in enumerate(self._boxes):
            placed = boxes[box.name]
            for near in (self._cells[number].above, self._cells[number].below):
                ordered: Iterable[int] = sorted(near, key=lambda other: self._cells[other].x)
                for position, other in enumerate(ordered):
                    share = (position + 1) / (len(near) + 1) - 0.5
                    ports[number, other] = placed.x + share * placed.width * 0.8
        return ports

    def _routed(
        self, arrow: Arrow, chain: list[int], middles: list[float], ports: Mapping[tuple[int, int], float]
    ) -> Routed:
        first, last = self._cells[chain[0]], self._cells[chain[-1]]
        points = [(ports[chain[0], chain[1]], middles[first.layer] + first.height / 2)]
        label = points[0]
        upper, _ = self._ends(arrow)
        label_layer = first.layer + 1 if upper == arrow.source else last.layer - 1
        for number in chain[1:-1]:
            cell = self._cells[number]
            middle = middles[cell.layer]
            points += [(cell.x, middle - cell.height / 2), (cell.x, middle + cell.height / 2)]
            if cell.layer == label_layer:
                label = (cell.x, middle)
        points.append((ports[chain[-1], chain[-2]], middles[last.layer] - last.height / 2))
        return Routed(arrow, tuple(points if upper == arrow.source else reversed(points)), label)
