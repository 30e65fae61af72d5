"""What adds up, what does not, and what is only on its way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.audit import AuditFindings, BrokenPromise, TableCount, audit_markdown
from tasks.rules.audit_words import said
from tasks.rules.balance import (
    SETTLING,
    Arrival,
    Difference,
    FolderCensus,
    LogCount,
    SourceBalance,
    StoredFolder,
    StoredMail,
    balance_log,
    balance_mail,
    missed_runs,
    not_checked,
)

NOW = datetime(2026, 11, 18, tzinfo=UTC)
EARLY = NOW - timedelta(hours=9)


def census(uids: set[int], unknown: set[int] = frozenset(), at: datetime = EARLY, next_uid: int = 100) -> FolderCensus:
    return FolderCensus(7, next_uid, frozenset(uids), {uid: Arrival(at, 1000 + uid) for uid in unknown})


def stored(*uids: int, state: str = "settled", at: datetime = EARLY) -> dict[int, StoredMail]:
    return {uid: StoredMail(state, at, Arrival(at, 1000 + uid)) for uid in uids}


def wrongs(balance: SourceBalance) -> list[tuple[str, str]]:
    return [(one.key, one.wrong) for one in balance.differences]


def test_what_is_settled_quarantined_or_ignored_adds_up() -> None:
    held = stored(1, 2) | stored(3, state="quarantined") | stored(4, state="ignored")
    found = balance_mail("mail:office", census({1, 2, 3, 4}), StoredFolder(held), NOW)
    assert found == SourceBalance("mail:office", seen=4, settled=2, quarantined=1, ignored=1)
    assert found.is_balanced


def test_a_lost_and_an_invented_mail_are_named() -> None:
    found = balance_mail("mail:office", census({1, 2, 3}, unknown={3}), StoredFolder(stored(1, 2, 100)), NOW)
    assert wrongs(found) == [("uid 7:3", "not_stored"), ("uid 7:100", "never_there")]
    assert found.seen == 3


def test_mail_taken_off_the_server_is_no_loss() -> None:
    found = balance_mail("mail:office", census({1}), StoredFolder(stored(1, 2)), NOW)
    assert (found.gone, found.seen, found.is_balanced) == (1, 1, True)


def test_mail_on_its_way_is_not_lost_yet() -> None:
    for at, is_balanced in ((NOW, True), (NOW - SETTLING + timedelta(seconds=1), True), (NOW - SETTLING, False)):
        found = balance_mail("mail:office", census({1}, unknown={1}, at=at), StoredFolder({}), NOW)
        assert found.is_balanced is is_balanced


def test_a_mail_fetched_after_the_census_is_not_invented() -> None:
    held = stored(100, at=NOW - timedelta(minutes=1))
    assert balance_mail("mail:office", census(set()), StoredFolder(held), NOW).is_balanced


def test_mail_that_nobody_interpreted_is_named() -> None:
    folder = StoredFolder(stored(1, state="new"), unsettled=("intake:5",))
    assert wrongs(balance_mail("mail:office", census({1}), folder, NOW)) == [("intake:5", "not_settled")]


def test_renumbered_mail_is_known_again_one_for_one() -> None:
    twins = census({1, 2, 3}, unknown={1, 2, 3})
    twins = FolderCensus(8, 4, twins.uids, {1: Arrival(EARLY, 500), 2: Arrival(EARLY, 500), 3: Arrival(EARLY, 600)})
    held = (StoredMail("settled", EARLY, Arrival(EARLY, 500)), StoredMail("ignored", EARLY, Arrival(EARLY, 600)))
    found = balance_mail("mail:office", twins, StoredFolder({}, renumbered=held), NOW)
    assert wrongs(found) == [("uid 8:2", "not_stored")]
    assert (found.settled, found.ignored) == (1, 1)


@given(st.sets(st.integers(1, 99)), st.sets(st.integers(1, 99)))
def test_every_mail_on_the_server_is_counted_once(on_server: set[int], held: set[int]) -> None:
    found = balance_mail("m", census(on_server, on_server - held), StoredFolder(stored(*held)), NOW)
    assert found.seen == len(on_server) == found.settled + len(found.differences)
    assert found.gone == len(held - on_server)


def test_lines_of_a_log_add_up() -> None:
    assert balance_log(LogCount("calls:pbx:Master.csv", 10, 8, 2)).is_balanced
    short = balance_log(LogCount("calls:pbx:Master.csv", 10, 7, 2, ("Master.csv:4",)))
    assert wrongs(short) == [("Master.csv:4", "uneven")]
    extra = balance_log(LogCount("calls:pbx:Master.csv", 10, 9, 2))
    assert wrongs(extra) == [("calls:pbx:Master.csv", "uneven")]


def test_flows_that_did_not_run_within_a_day_are_named() -> None:
    ended = {"a": NOW, "b": NOW - timedelta(hours=25), "c": NOW - timedelta(hours=23)}
    assert [(one.key, one.wrong) for one in missed_runs({"a", "b", "c", "d"}, ended, NOW)] == [
        ("b", "no_run"),
        ("d", "no_run"),
    ]


def test_the_audit_counts_and_words_what_differs() -> None:
    findings = AuditFindings(
        (SourceBalance("mail:a", 1, 1), not_checked("mail:b", "no answer")),
        (Difference("outbox", "outbox:9", "perhaps_sent"),),
        (TableCount("lead", rows=900, bad_rows=300, expectations=11, failed_expectations=2),),
        (BrokenPromise("lead", 4, ("phone must be E.164; found text of 3 characters",)),),
        held_rows=6,
    )
    assert findings.counts() == {
        "sources": 2,
        "balanced": 1,
        "differences": 302,
        "expectations": 11,
        "failed_expectations": 2,
        "held_rows": 6,
    }
    page = audit_markdown(findings, "data-docs/index.html")
    assert "| lead | lead:4 | breaks what is expected: phone must be E.164; found text of 3 characters |" in page
    assert said(findings.differences[0], "ru") == "не проверено: no answer"
