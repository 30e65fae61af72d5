"""Who should get a call, and how each PBX is told."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.calls.route_answers import FORMATS, write_route
from tasks.rules.calls.routing import Asked, Assigned, Route, Seat, Target, decide_route, decide_without_store
from tasks.rules.office_routing import RoutedQueue, Routing

SEATS = {
    seat.key: seat
    for seat in (
        Seat(1, "olga", "101", load=4),
        Seat(2, "pavel", "106", load=1),
        Seat(3, "maria", "103", is_away=True, stand_in="olga"),
        Seat(4, "egor", "", "+79000000121"),
        Seat(5, "anna", is_away=False),
        Seat(6, "timur", "202", is_away=True),
        Seat(7, "vera", "207", is_away=True, stand_in="gleb"),
        Seat(8, "gleb", "208", is_away=True, stand_in="vera"),
    )
}
ROUTING = Routing(
    queues={
        "600": RoutedQueue(("olga", "pavel")),
        "601": RoutedQueue(("maria", "olga", "timur"), order="fixed"),
        "602": RoutedQueue(),
        "603": RoutedQueue(("timur",)),
    },
    queue="600",
    last_resort="100",
)


def _route(dialled: str = "", managers: str = "", tried: str = "", line_queue: str = "") -> Route:
    asked = Asked("+79000000100", "+79000000501", dialled, frozenset(tried.split()))
    return decide_route(asked, SEATS, [Assigned(key, "contact") for key in managers.split()], ROUTING, line_queue)


@pytest.mark.parametrize(
    ("asked", "kind", "people"),
    [
        ({}, "queue", "pavel olga"),
        ({"dialled": "101"}, "extension", "olga pavel"),
        ({"dialled": "103"}, "extension", "olga pavel"),
        ({"dialled": "202"}, "queue", "pavel olga"),
        ({"dialled": "207"}, "queue", "pavel olga"),
        ({"dialled": "999"}, "queue", "pavel olga"),
        ({"dialled": "101", "managers": "pavel"}, "extension", "olga pavel"),
        ({"dialled": "202", "managers": "egor"}, "manager", "egor pavel olga"),
        ({"managers": "egor olga"}, "manager", "egor pavel olga"),
        ({"managers": "maria"}, "manager", "olga pavel"),
        ({"managers": "timur egor"}, "manager", "egor pavel olga"),
        ({"managers": "anna gone"}, "queue", "pavel olga"),
        ({"dialled": "601"}, "queue", "olga"),
        ({"line_queue": "601"}, "queue", "olga"),
        ({"dialled": "602"}, "queue", ""),
        ({"dialled": "602", "tried": "olga"}, "last_resort", ""),
        ({"dialled": "603"}, "last_resort", ""),
        ({"tried": "pavel"}, "queue", "olga"),
        ({"managers": "egor", "tried": "egor"}, "queue", "pavel olga"),
        ({"tried": "olga pavel"}, "last_resort", ""),
    ],
)
def test_who_should_get_the_call(asked: dict[str, str], kind: str, people: str) -> None:
    route = _route(**asked)
    assert (route.kind, " ".join(one.key for one in route.targets)) == (kind, people)
    assert route.last_resort == "100"


def test_the_reason_is_said_in_words() -> None:
    said = _route(dialled="103").reason
    assert said == "extension 103 is maria's; maria is away, olga stands in"
    assert _route(managers="timur").reason == (
        "timur has the caller's contact; timur is away, nobody stands in; queue 600, fewest calls today first"
    )
    assert _route(tried="olga pavel").reason == "nobody of queue 600 is left"


def test_without_a_queue_the_last_resort_takes_it() -> None:
    route = decide_route(Asked(None, None), SEATS, (), replace(ROUTING, queue=""))
    assert (route.kind, route.reason) == ("last_resort", "no queue takes this line")


def test_without_the_store_only_what_is_dialled_is_known() -> None:
    silent = [decide_without_store(Asked(None, None, dialled), SEATS, ROUTING, "silent") for dialled in ("", "101")]
    assert [(one.kind, [t.key for t in one.targets]) for one in silent] == [
        ("last_resort", []),
        ("extension", ["olga"]),
    ]


def test_asterisk_gets_short_lines() -> None:
    text = write_route("asterisk", _route(managers="egor"), Asked(None, None))
    assert text.splitlines() == [
        "kind=manager",
        "targets=+79000000121,106,101",
        "seconds=20,15,15",
        "people=egor,pavel,olga",
        "queue=600",
        "last=100",
        "reason=egor has the caller's contact",
    ]
    hashed = write_route("asterisk-hash", _route(managers="egor"), Asked(None, None))
    assert parse_qs(hashed)["targets"] == ["+79000000121,106,101"]
    assert "\n" not in hashed


def test_3cx_gets_flat_json() -> None:
    told = json.loads(write_route("3cx", _route(), Asked(None, None)))
    assert (told["destination"], told["ring_seconds"], told["next"]) == ("106", 15, "101")
    assert json.loads(write_route("3cx", _route(dialled="602"), Asked(None, None)))["destination"] == "602"
    assert json.loads(write_route("3cx", _route(dialled="603"), Asked(None, None)))["destination"] == "100"


def test_twilio_rings_one_after_the_other() -> None:
    asked = Asked("+79000000100", "+79000000501", tried=frozenset({"maria"}))
    text = write_route("twilio", _route(managers="egor"), asked)
    dial = ElementTree.fromstring(text)[0]  # noqa: S314 (our own text)
    assert (dial.tag, dial.get("timeout"), dial[0].tag, dial[0].text) == ("Dial", "20", "Number", "+79000000121")
    address = urlsplit(dial.attrib["action"])
    assert (address.path, parse_qs(address.query)["tried"]) == ("route", ["maria,egor"])
    by_sip = write_route("twilio", _route(), asked, "pbx.example")
    sip = ElementTree.fromstring(by_sip)[0]  # noqa: S314 (our own text)
    assert (sip[0].tag, sip[0].text) == ("Sip", "sip:106@pbx.example")


@pytest.mark.parametrize(
    ("dialled", "last", "expected"),
    [
        ("602", "100", "<Enqueue>602</Enqueue>"),
        ("603", "100", '<Reject reason="busy"/>'),
        ("603", "+79000000100", "<Dial><Number>+79000000100</Number></Dial>"),
    ],
)
def test_what_twilio_does_without_a_telephone(dialled: str, last: str, expected: str) -> None:
    text = write_route("twilio", replace(_route(dialled=dialled), last_resort=last), Asked(None, None))
    assert expected in text


@given(st.text(), st.text(), st.text())
def test_no_text_breaks_out_of_a_dialect(queue: str, key: str, reason: str) -> None:
    target = Target(1, key, key, "+79000000121", 3)
    for targets in ((), (target,)):
        route = Route("queue", targets, queue, queue, reason)
        told = {form: write_route(form, route, Asked(None, None, queue), "pbx.example") for form in FORMATS}
        lines = told["asterisk"].split("\n")
        assert [line.partition("=")[0] for line in lines[:-1]] == [
            "kind",
            "targets",
            "seconds",
            "people",
            "queue",
            "last",
            "reason",
        ]
        assert not set('${}()"\\`|&<>\r') & set(told["asterisk"])
        assert json.loads(told["json"])["reason"] == reason
        assert isinstance(json.loads(told["3cx"]), dict)
        assert len(parse_qs(told["asterisk-hash"], keep_blank_values=True)) == 7
