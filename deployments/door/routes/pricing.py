"""The price list of an order (C3): rows of the list, free rows, the server's total; a draft until it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.rendering import render, say
from deployments.door.routes.items import EDITORS, asked_fields, open_item, round_of
from deployments.door.visitors import RowId, require_roles, require_visitor, room_of
from tasks.door_acts import press
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.door_drafts import drop_draft, find_draft, keep_draft
from tasks.gateways.store.door_sessions import Visitor
from tasks.gateways.store.item_subject import read_lines
from tasks.gateways.store.process_items import StoredItem
from tasks.office_round import begin_round
from tasks.process_acts import Act, explain
from tasks.rules.office import Office
from tasks.rules.process.values import Line

router = APIRouter()
_FREE_ROWS = 3
_MOST_FREE = 30
_MOST_FIELDS = 2000
_NUMBER = re.compile(r"\d{1,9}([.,]\d{1,3})?")
_TITLE_CHARS = 200


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One row as typed: of the price list (`key`), or free ('')."""

    key: str
    title: str
    price: str
    unit: str
    quantity: str
    amount: Decimal


@router.get("/item/{item_id}/price")
def show(request: Request, item_id: RowId) -> Response:
    """The list with what is in the order, or the visitor's draft of it."""
    visitor = require_visitor(request)
    stored = _open(request, visitor, item_id)
    with reading(room_of(request).desk.engine) as connection:
        draft = find_draft(connection, item_id, visitor.person_id)
        lines = stored.item.fields.get("lines") or read_lines(connection, stored.entity_id)
    typed = draft[0] if draft else _typed_of(lines)
    return _page(request, stored, typed, saved_at=draft[1] if draft else None)


def _open(request: Request, visitor: Visitor, item_id: int) -> StoredItem:
    """The item, for who runs orders and for whose open work asks for its positions. Raises Fault."""
    stored = open_item(request, visitor, item_id)
    if "lines" not in asked_fields(round_of(request), visitor, stored):
        require_roles(visitor, EDITORS)
    return stored


@router.post("/item/{item_id}/price")
async def save(request: Request, item_id: RowId) -> Response:
    """Add up, keep as a draft, or write it into the order."""
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        typed = {name: text.strip() for name, text in form.multi_items() if isinstance(text, str)}
    return await run_in_threadpool(_save, request, item_id, typed)


def _save(request: Request, item_id: int, typed: dict[str, str]) -> Response:
    visitor, room = require_visitor(request), room_of(request)
    stored = _open(request, visitor, item_id)
    wanted, revision = typed.pop("wanted", "sum"), typed.pop("revision", "")
    if wanted not in ("sum", "draft", "write") or not revision.isdigit() or len(revision) > 12:
        raise Fault("wrong_input")
    lines, problems = read_rows(request, room.office, typed)
    if problems or wanted == "sum":
        return _page(request, stored, typed, status=422 if problems else 200, problems=problems)
    if wanted == "draft":
        with writing(room.desk.engine) as connection:
            keep_draft(connection, item_id, visitor.person_id, typed, room.now())
        return RedirectResponse(f"/item/{item_id}/price", 303)
    key = f"form:{item_id}:{revision}:price:{visitor.person_id}"
    pressed = press(room.desk, Act(key, item_id, "changed", visitor.ref, "door", {"lines": lines}), room.now())
    if pressed.reasons:
        with reading(room.desk.engine) as connection:
            run = begin_round(connection, room.office, room.now())
            words = [("", line) for line in explain(pressed.reasons, visitor.language, connection, run)]
        return _page(request, stored, typed, status=409, problems=words)
    with writing(room.desk.engine) as connection:
        drop_draft(connection, item_id, visitor.person_id)
    room.news.set()
    return RedirectResponse(f"/item/{item_id}", 303)


def read_rows(
    request: Request, office: Office, typed: Mapping[str, str]
) -> tuple[tuple[Line, ...], list[tuple[str, str]]]:
    """The positions that were typed, and what is wrong with others. Prices of the list are never typed."""
    lines: list[Line] = []
    problems: list[tuple[str, str]] = []
    for item in office.prices:
        text = typed.get(f"quantity:{item.key}", "")
        if not text:
            continue
        quantity = number_of(text)
        if quantity is None:
            problems.append((f"quantity:{item.key}", say(request, "%(title)s: that is no quantity", title=item.title)))
        elif quantity:
            lines.append(Line(item.key, item.title, quantity, item.price))
    for place in range(_MOST_FREE):
        title, price, text = (typed.get(f"free:{part}:{place}", "") for part in ("title", "price", "quantity"))
        if not title and not price:
            continue
        quantity, amount = number_of(text or "1"), number_of(price)
        if not title or len(title) > _TITLE_CHARS or quantity is None or amount is None:
            words = say(request, "Row %(place)s: give words, a price and a quantity", place=place + 1)
            problems.append((f"free:title:{place}", words))
        elif quantity:
            lines.append(Line("", title, quantity, amount))
    return tuple(lines), problems


def number_of(text: str) -> Decimal | None:
    """A number as people type it, with comma or point; None for anything else."""
    plain = text.replace("\u00a0", "").replace(" ", "")
    if not _NUMBER.fullmatch(plain):
        return None
    try:
        return Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return None


def _typed_of(lines: Sequence[Line]) -> dict[str, str]:
    typed: dict[str, str] = {}
    free = 0
    for line in lines:
        if line.price_key and f"quantity:{line.price_key}" not in typed:
            typed[f"quantity:{line.price_key}"] = f"{line.quantity.normalize():f}"
            continue
        typed |= {
            f"free:title:{free}": line.title,
            f"free:price:{free}": f"{line.price:f}",
            f"free:quantity:{free}": f"{line.quantity.normalize():f}",
        }
        free += 1
    return typed


def _page(
    request: Request,
    stored: StoredItem,
    typed: Mapping[str, str],
    *,
    status: int = 200,
    problems: Sequence[tuple[str, str]] = (),
    saved_at: object = None,
) -> Response:
    office = room_of(request).office
    rows = [_row(item.key, item.title, f"{item.price:f}", item.unit, typed) for item in office.prices]
    used = sum(f"free:title:{place}" in typed and bool(typed[f"free:title:{place}"]) for place in range(_MOST_FREE))
    free = [_free_row(place, typed) for place in range(min(used + _FREE_ROWS, _MOST_FREE))]
    total = sum((row.amount for row in (*rows, *free)), Decimal(0))
    return render(
        request,
        "price.html.j2",
        status=status,
        stored=stored,
        rows=rows,
        free=free,
        total=total,
        problems=problems,
        saved_at=saved_at,
    )


def _row(key: str, title: str, price: str, unit: str, typed: Mapping[str, str]) -> PriceRow:
    quantity = typed.get(f"quantity:{key}", "")
    return PriceRow(key, title, price, unit, quantity, _amount(quantity, price))


def _free_row(place: int, typed: Mapping[str, str]) -> PriceRow:
    title, price, quantity = (typed.get(f"free:{part}:{place}", "") for part in ("title", "price", "quantity"))
    return PriceRow("", title, price, "", quantity, _amount(quantity or ("1" if title else ""), price))


def _amount(quantity: str, price: str) -> Decimal:
    count, each = number_of(quantity), number_of(price)
    return Line("", "", count, each).amount if count is not None and each is not None else Decimal(0)
