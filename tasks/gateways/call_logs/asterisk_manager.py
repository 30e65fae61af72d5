"""Asterisk's live events over its manager interface (AMI): a leg by `Cdr`, and what the queue's log tells as well.

The fields are those of cdr_manager.c and app_queue.c in Asterisk 12 and later. `Cdr` names neither the call nor the
record's number by itself; without these two lines in cdr_manager.conf the same call would count once more when its
file is read, and so the event is refused:

    [mappings]
    linkedid => LinkedID
    sequence => Sequence

Not told here, but by the queue's log: why a caller left a queue by time, key or an empty queue; transfers; who became a
member. CEL is left out: all it tells beyond these records is which application ran, which no figure needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from tasks.gateways.call_logs.asterisk_cdr import leg_of_cells
from tasks.gateways.call_logs.asterisk_queue_log import queue_event
from tasks.gateways.call_logs.columns import need
from tasks.gateways.call_logs.line_text import RefusedLineError
from tasks.gateways.call_logs.told_legs import Place, Source
from tasks.rules.calls.records import Leg, QueueEvent

HEARD_AT = "timestamp"
"""Seconds since 1970: Asterisk's own where manager.conf says `timestampevents = yes`, else when the event was heard."""
_COLUMNS = {
    "source": "src", "destination": "dst", "destinationcontext": "dcontext", "callerid": "clid",
    "destinationchannel": "dstchannel", "lastapplication": "lastapp", "starttime": "start", "answertime": "answer",
    "endtime": "end", "billableseconds": "billsec",
}  # fmt: skip
_TOLD = (
    "source", "destination", "channel", "destinationchannel", "starttime", "answertime", "endtime", "duration",
    "billableseconds", "disposition",
)  # fmt: skip
_MAPPED = {"linkedid": "linkedid => LinkedID", "sequence": "sequence => Sequence"}
_COMPLETED = {"caller": "COMPLETECALLER", "agent": "COMPLETEAGENT"}
_PAUSED = {"1": "PAUSE", "0": "UNPAUSE"}
# the values in the order of the queue's log; its URL is not told
_QUEUE_DATA: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "queuecallerjoin": ("ENTERQUEUE", ("", "calleridnum", "position")),
    "queuecallerabandon": ("ABANDON", ("position", "originalposition", "holdtime")),
    "agentconnect": ("CONNECT", ("holdtime", "destuniqueid", "ringtime")),
    "agentringnoanswer": ("RINGNOANSWER", ()),
    "agentcomplete": ("", ("holdtime", "talktime")),
    "queuememberpause": ("", ("pausedreason",)),
}
_OF_AGENTS = ("agentconnect", "agentringnoanswer", "agentcomplete", "queuememberpause")
WANTED = frozenset({"cdr", *_QUEUE_DATA})
"""Names of the events that are kept, in small letters; all others are passed over."""
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?", re.ASCII)


def event_text(fields: Mapping[str, str], heard_at: datetime) -> str:
    """An event as it is kept: one JSON object, with the moment it was heard at where Asterisk tells none."""
    stamped = {HEARD_AT: f"{heard_at.timestamp():.3f}"} | dict(fields)
    return json.dumps(stamped, ensure_ascii=False, sort_keys=True)


def read_live_record(source: Source, place: Place) -> Leg | QueueEvent | None:
    """An event as a leg or queue event, None for one that no log tells. Raises RefusedLineError with the reason."""
    try:
        fields = json.loads(place.raw)
    except (ValueError, RecursionError) as error:
        raise RefusedLineError("it is no event of the manager interface") from error
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise RefusedLineError("it is no event of the manager interface")
    name = fields.get("event", "").casefold()
    if name == "cdr":
        return _leg(fields, source, place)
    return _queue_event(name, fields, source, place) if name in _QUEUE_DATA else None


def _leg(fields: Mapping[str, str], source: Source, place: Place) -> Leg:
    missing = [name for name in _TOLD if name not in fields]
    if missing:
        raise RefusedLineError(f"the event tells no {', '.join(missing)}: it came in part only")
    unmapped = [line for name, line in _MAPPED.items() if not fields.get(name)]
    if unmapped:
        raise RefusedLineError(f"cdr_manager.conf must say below [mappings]: {' and '.join(unmapped)}")
    need(fields, "uniqueid")
    return leg_of_cells({_COLUMNS.get(name, name): value for name, value in fields.items()}, source, place)


def _queue_event(name: str, fields: Mapping[str, str], source: Source, place: Place) -> QueueEvent | None:
    kind, names = _QUEUE_DATA[name]
    if name == "agentcomplete":
        reason = need(fields, "reason").casefold()
        if reason == "transfer":
            return None
        kind = _COMPLETED.get(reason, "")
    elif name == "queuememberpause":
        kind = _PAUSED.get(need(fields, "paused"), "")
    if not kind:
        raise RefusedLineError("the event tells none of the ways it is known to end in")
    is_of_call = name != "queuememberpause"
    call_key = need(fields, "uniqueid") if is_of_call else "NONE"
    agent = need(fields, "membername") if name in _OF_AGENTS else "NONE"
    data = ["" if fields.get(one, "") == "<unknown>" else fields.get(one, "") for one in names]
    return queue_event(source, place, _moment(fields), [call_key, need(fields, "queue"), agent, kind, *data])


def _moment(fields: Mapping[str, str]) -> datetime:
    """The event's second, as the queue's log would write it."""
    text = need(fields, HEARD_AT)
    if not _EPOCH.fullmatch(text):
        raise RefusedLineError("timestamp is no time in seconds since 1970")
    return datetime.fromtimestamp(int(text.partition(".")[0]), UTC)
