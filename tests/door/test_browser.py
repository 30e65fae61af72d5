"""In a real browser: nothing is wider than a telephone, axe finds nothing, Enter and a robot's clicks do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from deployments.door.room import Room
from sql.schema import person
from tasks.gateways.attachment_files import keep_file
from tasks.process_forms import enter_absence
from tasks.process_tools.answering import answer_item
from tasks.rules.process_tools.answers import Choice
from tests.door.browsing import PHONE, axe_violations, chromium, context_of, leave, needs_chromium, overflow_pixels
from tests.door.conftest import NOON
from tests.door.contracts import DRAFT, new_contract, sha256, to_client
from tests.door.service_order import Order, new_order
from tests.door.serving import served
from tests.door.test_acting import link_of
from tests.door.test_answers import hold
from tests.door.test_duplicates import new_lead, twins
from tests.door.test_recordings_heard import kept
from tests.door.visiting import rows, store_state

pytestmark = [pytest.mark.browser, needs_chromium]


@dataclass(slots=True)
class Town:
    """A running door with orders at several stages, one that is held, a lead, duplicates and somebody who is away.

    The dispatcher looks at the pages, the chief at those that are the chief's.
    """

    room: Room
    person_id: int
    chief_id: int
    orders: dict[str, Order]
    pages: dict[str, str]

    def who(self, name: str) -> int:
        """Who looks at a page: nobody in particular at the entrance."""
        if name == "entrance":
            return 0
        return self.chief_id if name in CHIEF_PAGES else self.person_id


CHIEF_PAGES = frozenset({"chief", "lead", "duplicates", "around", "ask", "answers", "found", "recording", "version"})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def town(lite_room: Room) -> Iterator[Town]:
    with served(lite_room):
        yield open_town(lite_room)


def open_town(room: Room) -> Town:
    """Orders at several stages, and the page of everything that can be asked about them."""
    approving, agreeing = new_order(room, 0).to_approving(), new_order(room, 2).to_agreeing()
    scheduled, held = new_order(room, 4).to_scheduled(), new_order(room, 1)
    keep_file(room.desk.files, DRAFT)
    contract = to_client(new_contract(room, document=sha256(DRAFT)))
    people = {row.key: row.id for row in rows(room.desk.engine, person)}
    person_id = people["daria"]
    other_times = tuple((room.now() + timedelta(days=day)).isoformat() for day in (3, 4))
    agreeing.act("changed", "daria", sets={"work_at_options": other_times})
    for _ in range(2):  # answered alike twice: the third time is the rule's
        hold(held)
        answer_item(room.desk, held.item_id, Choice("release"), "maria", room.now())
    hold(held)
    keep_one, _ = twins(room)
    lead_path = new_lead(room)
    enter_absence.fn(room.desk, "egor", NOON.date(), NOON.date() + timedelta(days=3), "timur", "sick", "egor", NOON)
    approval = link_of(approving, "approval", "daria")
    pages = {
        "entrance": "/in",
        "approval": approval,
        "time": link_of(agreeing, "time_agreed", agreeing.client),
        "task": link_of(scheduled, "conduct", "daria"),
        "forged": f"{approval}x",
        "my": "/my",
        "item": f"/item/{approving.item_id}",
        "price": f"/item/{agreeing.item_id}/price",
        "board": "/board/service",
        "list": "/board/service?view=list",
        "boards": "/board",
        "find": "/find?q=кли",
        "found": "/find?q=саз",
        "chief": "/my",
        "lead": lead_path,
        "ask": f"/ask/{held.item_id}",
        "answers": "/answers",
        "duplicates": "/duplicates",
        "around": f"/duplicates?contact={keep_one}",
        "devices": "/devices",
        "recording": f"/recording/{kept(room)}",
        "contract": link_of(contract, "by_client", contract.client),
        "version": f"/item/{contract.item_id}",
    }
    orders = {"approving": approving, "agreeing": agreeing, "scheduled": scheduled}
    return Town(room, person_id, people["viktor"], orders, pages)


def test_nothing_is_wider_than_a_telephone_and_axe_finds_nothing(town: Town, browser: Browser) -> None:
    found: list[str] = []
    for scheme in ("light", "dark"):
        windows = {
            who: context_of(browser, town.room, who, viewport=PHONE, color_scheme=scheme)
            for who in (0, town.person_id, town.chief_id)
        }
        for name, path in town.pages.items():
            page = windows[town.who(name)].new_page()
            page.goto(town.room.url + path)
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            if over := overflow_pixels(page):
                found.append(f"{name}: {over} px too wide")
            found += [f"{name}, {scheme}: {one}" for one in axe_violations(page)]
            leave(page)
        for window in windows.values():
            window.close()
    assert found == []


def test_enter_decides_nothing(town: Town, browser: Browser) -> None:
    before = store_state(town.room.desk.engine, "door_session", "door_sign_in", "presence")
    context = context_of(browser, town.room)
    # whoever is signed in has pages where a filled-in form may be sent
    for name in ("approval", "time", "task", "contract"):
        page = context.new_page()
        page.goto(town.room.url + town.pages[name])
        page.keyboard.press("Enter")
        for _ in range(25):
            page.keyboard.press("Tab")
            focused = page.evaluate("document.activeElement.tagName + (document.activeElement.type || '')")
            if focused in ("TEXTAREAtextarea", "INPUTradio", "INPUTfile", "BODY", "MAIN"):
                page.keyboard.press("Enter") if focused != "INPUTfile" else None
        leave(page)
    context.close()
    assert store_state(town.room.desk.engine, "door_session", "door_sign_in", "presence") == before


def test_a_robot_that_presses_every_button_decides_nothing(town: Town, browser: Browser) -> None:
    leave_out = ("door_session", "door_sign_in", "presence", "notice")
    windows = {who: context_of(browser, town.room, who) for who in (town.person_id, town.chief_id)}
    before = store_state(town.room.desk.engine, *leave_out)
    pressed = 0
    shared = ("approval", "time", "task", "my", "item", "board", "list", "find", "contract")
    for name in (*shared, "chief", "lead", "ask", "answers", "duplicates", "around", "version"):
        page = windows[town.who(name)].new_page()
        page.goto(town.room.url + town.pages[name])
        for place in range(page.locator("button:not([disabled])").count()):
            page.goto(town.room.url + town.pages[name])
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            button = page.locator("button:not([disabled])").nth(place)
            if button.is_visible():
                button.click()
                pressed += 1
        leave(page)
    for window in windows.values():
        window.close()
    assert pressed >= 15
    assert store_state(town.room.desk.engine, *leave_out) == before


def test_the_keyboard_alone_is_enough(town: Town, browser: Browser) -> None:
    context = context_of(browser, town.room)
    page = context.new_page()
    page.goto(town.room.url + town.pages["approval"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("input[value=no]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("дорого\nочень")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("form[action$='/undo']").count() == 1
    assert "дорого" in page.inner_text("main")
    page.reload()
    with page.expect_navigation():
        page.locator("form[action$='/undo'] button").click()
    assert page.locator("input[type=radio]:checked").count() == 0
    context.close()


def test_the_total_follows_what_is_typed_and_the_page_works_without_script(town: Town, browser: Browser) -> None:
    for has_script in (True, False):
        context = context_of(browser, town.room, town.person_id, java_script_enabled=has_script)
        page = context.new_page()
        page.goto(town.room.url + town.pages["price"])
        before = page.inner_text("#total")
        page.locator("input[name='free:title:5'], input[name='free:title:2']").first.fill("Ещё одно")
        page.locator("input[name='free:price:5'], input[name='free:price:2']").first.fill("100000")
        if not has_script:
            page.locator("button[value=sum]").click()
        assert page.inner_text("#total") != before
        context.close()


def test_paper_has_no_buttons(town: Town, browser: Browser) -> None:
    context = context_of(browser, town.room, town.person_id)
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(town.room.url + town.pages["list"])
    assert page.locator("button:visible").count() == 0
    assert page.locator("nav:visible").count() == 0
    assert page.locator("table:visible").count() > 0
    context.close()
