"""What the nightly audit found, in counts and in lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.rules.audit_words import said
from tasks.rules.balance import Difference, SourceBalance


@dataclass(frozen=True, slots=True)
class BrokenPromise:
    """A row of a table that breaks what is expected of it."""

    table: str
    row_id: int
    reasons: tuple[str, ...]

    @property
    def as_difference(self) -> Difference:
        """The same as a line of the audit."""
        return Difference(self.table, f"{self.table}:{self.row_id}", "broken", "; ".join(self.reasons))


@dataclass(frozen=True, slots=True)
class TableCount:
    """What became of one table: rows, rows that break something, expectations, and those that some row breaks."""

    table: str
    rows: int
    bad_rows: int
    expectations: int
    failed_expectations: int


@dataclass(frozen=True, slots=True)
class AuditFindings:
    """One night's audit. `left_over` is what belongs to no source: stuck mail, untaken events, missing runs."""

    balances: tuple[SourceBalance, ...]
    left_over: tuple[Difference, ...]
    tables: tuple[TableCount, ...]
    broken: tuple[BrokenPromise, ...]
    held_rows: int

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everything that does not add up."""
        return (
            *(difference for balance in self.balances for difference in balance.differences),
            *self.left_over,
            *(promise.as_difference for promise in self.broken),
        )

    def counts(self) -> dict[str, int]:
        """The run's counts. A row that breaks several promises is one difference, listed or not."""
        listed = len(self.broken)
        return {
            "sources": len(self.balances),
            "balanced": sum(balance.is_balanced for balance in self.balances),
            "differences": len(self.differences) - listed + sum(table.bad_rows for table in self.tables),
            "expectations": sum(table.expectations for table in self.tables),
            "failed_expectations": sum(table.failed_expectations for table in self.tables),
            "held_rows": self.held_rows,
        }


def audit_markdown(findings: AuditFindings, docs: str) -> str:
    """The audit as the Prefect artifact shows it; `docs` is where the Data Docs lie."""
    counts = findings.counts()
    parts = [
        f"**{counts['differences']} differences**, {counts['balanced']} of {counts['sources']} sources balanced, "
        f"{counts['failed_expectations']} of {counts['expectations']} expectations failed, "
        f"{counts['held_rows']} rows held in quarantine. Data Docs: `{docs}`",
        _table(
            ("source", "seen", "settled", "quarantined", "ignored", "gone from server", "passed over", "differences"),
            (
                (b.source, b.seen, b.settled, b.quarantined, b.ignored, b.gone, b.passed_over, len(b.differences))
                for b in findings.balances
            ),
        ),
        _table(
            ("table", "rows", "rows that break something", "expectations", "failed"),
            ((t.table, t.rows, t.bad_rows, t.expectations, t.failed_expectations) for t in findings.tables),
        ),
    ]
    if findings.differences:
        parts.append(_table(("where", "what", "why"), ((d.source, d.key, said(d, "en")) for d in findings.differences)))
    return "\n\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [" | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)
