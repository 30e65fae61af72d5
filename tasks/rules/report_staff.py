"""The staff report's contents: requests handled AND what they brought, speed, deadlines, open work."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.rules.metrics_staff import StaffFigures
from tasks.rules.report_charts import load_chart, money_chart
from tasks.rules.report_model import Cell, Column, Figure, Hint, Kind, Section, Table, Word

DEFINED = (
    "handled",
    "won_amount",
    "paid_amount",
    "joined_amount",
    "first_response",
    "resolution",
    "kept_percent",
    "workload",
    "backlog_median",
    "incidents",
    "evenness",
)
_RESULTS: tuple[tuple[str, Kind], ...] = (
    ("handled", "count"),
    ("won", "count"),
    ("won_amount", "money"),
    ("paid_amount", "money"),
    ("joined", "count"),
    ("joined_amount", "money"),
    ("calls_answered", "count"),
    ("mails", "count"),
    ("incidents", "count"),
)
_SPEED: tuple[tuple[str, Kind], ...] = (
    ("first_response", "seconds"),
    ("resolution", "seconds"),
    ("deadlines", "count"),
    ("kept", "count"),
    ("late", "count"),
    ("kept_percent", "percent"),
)
_LOAD: tuple[tuple[str, Kind], ...] = (
    ("workload", "count"),
    ("lead_items", "count"),
    ("deal_items", "count"),
    ("task_items", "count"),
    ("backlog_median", "seconds"),
    ("backlog_oldest", "seconds"),
)


def head_figures(total: StaffFigures) -> tuple[Figure, ...]:
    """The numbers a chief looks at first."""
    won = Hint("hint.deals", "count", len(total.won))
    paid = Hint("hint.invoices", "count", len(total.paid))
    responses = Hint("hint.leads", "count", len(total.responses))
    resolutions = Hint("hint.deals", "count", len(total.resolutions))
    late = Hint("hint.late", "count", len(total.late))
    oldest = Hint("hint.oldest", "seconds", total.backlog_oldest)
    calls = Hint("hint.calls", "count", len(total.calls))
    return (
        Figure("handled", "count", Cell(len(total.handled), total.handled), calls),
        Figure("won_amount", "money", Cell(total.won_amount, total.won), won),
        Figure("paid_amount", "money", Cell(total.paid_amount, total.paid), paid),
        Figure("first_response", "seconds", _sampled(total.first_response, total.responses), responses),
        Figure("resolution", "seconds", _sampled(total.resolution, total.resolutions), resolutions),
        Figure("kept_percent", "percent", _kept(total), late),
        Figure("workload", "count", Cell(len(total.workload), total.workload), oldest),
        Figure("incidents", "count", Cell(len(total.incidents), total.incidents), None, not total.incidents),
    )


def sections(named: Sequence[tuple[str, str, StaffFigures]], total: StaffFigures) -> tuple[Section, ...]:
    """The chapters; `named` holds name, roles as text, and figures of everybody with something to show."""
    figures = [(name, one) for name, _, one in named]
    return (
        Section("results", (money_chart(figures),), (_table("results", _RESULTS, named, total),)),
        Section("speed", tables=(_table("speed", _SPEED, named, total),)),
        Section("load", (load_chart(figures),), (_table("load", _LOAD, named, total),)),
    )


def has_work(figures: StaffFigures) -> bool:
    """True when a person has anything to show in this report."""
    counted = (
        figures.handled,
        figures.won,
        figures.paid,
        figures.joined,
        figures.kept,
        figures.late,
        figures.workload,
        figures.incidents,
        figures.calls,
        figures.mails,
    )
    return any(counted)


def _table(
    key: str,
    columns: tuple[tuple[str, Kind], ...],
    named: Sequence[tuple[str, str, StaffFigures]],
    total: StaffFigures,
) -> Table:
    head = (Column("person", "text"), Column("roles", "text"), *(Column(name, kind) for name, kind in columns))
    filled = [(name, roles, _cells(key, figures)) for name, roles, figures in named]
    body = [(Cell(name), Cell(roles), *cells) for name, roles, cells in filled if any(one.value for one in cells)]
    return Table(key, head, (*body, (Cell(Word("total")), Cell(""), *_cells(key, total))), has_total=True)


def _cells(key: str, one: StaffFigures) -> tuple[Cell, ...]:
    if key == "results":
        return (
            _counted(one.handled),
            _counted(one.won),
            Cell(one.won_amount, one.won),
            Cell(one.paid_amount, one.paid),
            _counted(one.joined),
            Cell(one.joined_amount, one.joined),
            _counted(one.calls),
            _counted(one.mails),
            _counted(one.incidents),
        )
    if key == "speed":
        return (
            _sampled(one.first_response, one.responses),
            _sampled(one.resolution, one.resolutions),
            Cell(len(one.kept) + len(one.late), one.kept + one.late),
            _counted(one.kept),
            _counted(one.late),
            _kept(one),
        )
    parts = [tuple(k for k in one.workload if k.startswith(f"{kind}-")) for kind in ("lead", "deal", "task")]
    ages = (Cell(one.backlog_median, sample=len(one.workload)), Cell(one.backlog_oldest))
    return _counted(one.workload), *map(_counted, parts), *ages


def _counted(keys: tuple[str, ...]) -> Cell:
    return Cell(len(keys), keys)


def _sampled(value: float | None, keys: tuple[str, ...]) -> Cell:
    return Cell(value, keys, len(keys))


def _kept(one: StaffFigures) -> Cell:
    return Cell(one.kept_percent, one.kept + one.late, len(one.kept) + len(one.late))
