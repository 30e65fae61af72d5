"""SMS.RU, SMSC.RU and a gateway of one's own: every documented answer, and every way an answer can fail to come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from tasks.gateways.channels import sms_http
from tasks.gateways.channels.channel import Delivery, Message, PermanentError, TemporaryError
from tasks.gateways.channels.sms_any import AnySms
from tasks.gateways.channels.sms_ru import SmsRu
from tasks.gateways.channels.smsc import Smsc
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.notify.channel_settings import HttpForm, SmsGateway
from tests.samples.sms_gateways import BROKEN, BUSY, CUT, GARBAGE, KEY, LOST, REFUSED, SmsGateways, open_sms_gateways

Sms = SmsRu | Smsc | AnySms
Open = Callable[[SmsGateways, str], Sms]


def _sms_ru(server: SmsGateways, key: str) -> Sms:
    return SmsRu(SmsGateway("sms_ru", url=server.url), key)


def _smsc(server: SmsGateways, key: str) -> Sms:
    return Smsc(SmsGateway("smsc", login="office", url=server.url), key)


def _any(server: SmsGateways, key: str) -> Sms:
    form = HttpForm(id_at="data.id", status_url=f"{server.url}/any/status")
    return AnySms(SmsGateway("http", url=f"{server.url}/any/send", http=form), key)


EVERY = pytest.mark.parametrize("open_one", [_sms_ru, _smsc, _any])
BY_OUR_ID = pytest.mark.parametrize("open_one", [_smsc, _any])


@pytest.fixture
def server() -> Iterator[SmsGateways]:
    with open_sms_gateways() as opened:
        yield opened


def message(ending: str = "0201", name: str = "ab12") -> Message:
    return Message(name, f"+7900000{ending}", "Заказ готов & ждёт")


@EVERY
async def test_taken_and_asked_about(server: SmsGateways, open_one: Open) -> None:
    async with open_one(server, KEY) as sms:
        taken = await sms.send(message())
        assert taken.is_certain
        assert taken.outside_id
        ((_, number, text),) = server.taken
        assert (number[-11:], text) == ("79000000201", "Заказ готов & ждёт")
        assert await sms.ask(message(), taken.outside_id) == "received"
        for name in server.statuses:
            server.statuses[name] = 20
        assert await sms.ask(message(), taken.outside_id) == "failed"
        server.statuses.clear()
        assert await sms.ask(message(), taken.outside_id) == "not_received"


@EVERY
@pytest.mark.parametrize(("ending", "error"), [(REFUSED, PermanentError), (BUSY, TemporaryError)])
async def test_refusals(server: SmsGateways, open_one: Open, ending: str, error: type[Exception]) -> None:
    async with open_one(server, KEY) as sms:
        with pytest.raises(error):
            await sms.send(message(ending))
    assert server.taken == []


@EVERY
@pytest.mark.parametrize("ending", [CUT, LOST, GARBAGE, BROKEN])
async def test_an_answer_that_never_comes_leaves_it_open(server: SmsGateways, open_one: Open, ending: str) -> None:
    async with open_one(server, KEY) as sms:
        assert not (await sms.send(message(ending))).is_certain


@EVERY
async def test_a_slow_answer_leaves_it_open(
    server: SmsGateways, open_one: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sms_http.http_client, "__defaults__", (None, httpx.Timeout(0.2)))
    server.answers.clear()
    async with open_one(server, KEY) as sms:
        assert (await sms.send(message())) == Delivery(False, "no answer: ReadTimeout")
        assert await sms.ask(message(), "") == "unknown"


@EVERY
async def test_nothing_leaves_when_nobody_listens(open_one: Open) -> None:
    async with open_one(SmsGateways(port=1), KEY) as sms:
        with pytest.raises(TemporaryError, match="cannot be reached"):
            await sms.send(message())
        assert await sms.ask(message(), "x") == "unknown"


@EVERY
async def test_a_wrong_key_is_our_fault(server: SmsGateways, open_one: Open) -> None:
    async with open_one(server, "wrong") as sms:
        with pytest.raises(CredentialError):
            await sms.send(message())


@pytest.mark.parametrize(
    ("open_one", "answer"),
    [
        (_sms_ru, (200, {"status": "ERROR", "status_code": 201, "status_text": "Нет денег"})),
        (_smsc, (200, {"error": "no money", "error_code": 3})),
        (_smsc, (200, {"error": "blocked", "error_code": "4"})),
        (_any, (402, {"error": "pay"})),
    ],
)
async def test_an_empty_purse_stops_the_round(server: SmsGateways, open_one: Open, answer: tuple[int, object]) -> None:
    server.trouble = answer
    async with open_one(server, KEY) as sms:
        with pytest.raises(OutsideError) as found:
            await sms.send(message())
        assert not found.value.is_permanent


@BY_OUR_ID
@pytest.mark.parametrize(("ending", "fate"), [(CUT, "received"), (LOST, "not_received")])
async def test_what_became_of_it_is_asked_by_our_own_id(
    server: SmsGateways, open_one: Open, ending: str, fate: str
) -> None:
    async with open_one(server, KEY) as sms:
        await sms.send(message(ending))
        assert await sms.ask(message(ending), "") == fate


async def test_sms_ru_cannot_be_asked_without_its_own_id(server: SmsGateways) -> None:
    async with _sms_ru(server, KEY) as sms:
        assert await sms.ask(message(), "") == "unknown"
    assert server.asked == 0


@EVERY
@pytest.mark.parametrize(
    "answer",
    [(200, b""), (200, b"{"), (200, b"null"), (200, {}), (200, {"status": {}, "sms": 7}), (200, b"[" * 200_000)],
)
async def test_no_nonsense_is_taken_for_an_acceptance(
    server: SmsGateways, open_one: Open, answer: tuple[int, object]
) -> None:
    server.trouble = answer
    async with open_one(server, KEY) as sms:
        assert not (await sms.send(message())).is_certain
        assert await sms.ask(message(), "x") == "unknown"


async def test_keys_go_over_tls_only() -> None:
    with pytest.raises(OutsideError, match="https only"):
        SmsRu(SmsGateway("sms_ru", url="http://sms.example"), KEY)
    assert SmsRu(replace(SmsGateway("sms_ru")), KEY).lanes
