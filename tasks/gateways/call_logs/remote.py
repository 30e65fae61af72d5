"""Call logs that are asked for: a table of calls in a database, a list over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tasks.gateways.call_logs.bitrix24_list import Bitrix24List
from tasks.gateways.call_logs.http_lists import CallList, read_list_portion
from tasks.gateways.call_logs.portions import Portion
from tasks.gateways.call_logs.tables import read_table_portion
from tasks.gateways.call_logs.twilio_list import TwilioList
from tasks.gateways.call_logs.zadarma_list import ZadarmaList
from tasks.rules.calls.parties import Switchboard
from tasks.rules.office import CallLog


def read_remote_portion(
    log: CallLog,
    secret: str,
    board: Switchboard,
    cursors: Mapping[str, Mapping[str, Any]],
    until: datetime,
    limit: int,
) -> Portion:
    """The next records of a log that is asked for, none that ended after `until`. Raises OutsideError."""
    if log.kind == "asterisk_table":
        return read_table_portion(log, secret, board, cursors, until, limit)
    return read_list_portion(_list_of(log, secret, until), log, board, cursors, until)


def _list_of(log: CallLog, secret: str, until: datetime) -> CallList:
    if log.kind == "zadarma":
        return ZadarmaList(log, secret, until)
    return TwilioList(log, secret) if log.kind == "twilio" else Bitrix24List(log, secret)
