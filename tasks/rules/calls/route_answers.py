"""A route in the words of a PBX: JSON, short lines for Asterisk, flat JSON for 3CX, TwiML for Twilio."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape, quoteattr

from tasks.rules.calls.routing import Asked, Route, Target

FORMATS = ("json", "asterisk", "asterisk-hash", "3cx", "twilio")
MEDIA_TYPES = {
    "json": "application/json",
    "asterisk": "text/plain; charset=utf-8",
    "asterisk-hash": "text/plain; charset=utf-8",
    "3cx": "application/json",
    "twilio": "text/xml; charset=utf-8",
}
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# what means something to a dial plan: variables, functions, separators of applications and of lists
_UNSAFE = re.compile(r"[^A-Za-z0-9+*#_.,'; -]")


def write_route(form: str, route: Route, asked: Asked, sip_domain: str = "") -> str:
    """The route in one of FORMATS. Raises KeyError for another."""
    writers = {
        "json": lambda: json.dumps(_json(route), ensure_ascii=False),
        "asterisk": lambda: "".join(f"{name}={value}\n" for name, value in _lines(route).items()),
        "asterisk-hash": lambda: urlencode(_lines(route), quote_via=quote),
        "3cx": lambda: json.dumps(_flat(route)),
        "twilio": lambda: _twiml(route, asked, sip_domain),
    }
    return writers[form]()


def hang_up() -> str:
    """TwiML when the conversation took place: Twilio asks again after every Dial."""
    return _response("<Hangup/>")


def _json(route: Route) -> dict[str, Any]:
    targets = [
        {
            "person": one.key,
            "extension": one.extension,
            "phone": one.phone,
            "rings": one.rings,
            "seconds": one.seconds,
        }
        for one in route.targets
    ]
    return {
        "kind": route.kind,
        "targets": targets,
        "queue": route.queue,
        "last_resort": route.last_resort,
        "reason": route.reason,
    }


def _lines(route: Route) -> dict[str, str]:
    said = {
        "kind": route.kind,
        "targets": ",".join(one.number for one in route.targets),
        "seconds": ",".join(str(one.seconds) for one in route.targets),
        "people": ",".join(one.key for one in route.targets),
        "queue": route.queue,
        "last": route.last_resort,
        "reason": route.reason,
    }
    return {name: _UNSAFE.sub("_", value) for name, value in said.items()}


def _flat(route: Route) -> dict[str, Any]:
    """What a call flow reads without walking through lists: the first telephone, and the others by commas."""
    first = route.targets[0] if route.targets else None
    handed_over = route.queue if route.kind == "queue" and first is None else route.last_resort
    return {
        "destination": first.number if first else handed_over,
        "ring_seconds": first.seconds if first else 0,
        "next": ",".join(one.number for one in route.targets[1:]),
        "last_resort": route.last_resort,
        "kind": route.kind,
        "reason": route.reason,
    }


def _twiml(route: Route, asked: Asked, sip_domain: str) -> str:
    """One telephone at a time; after it Twilio asks again with those who were `tried`."""
    for one in route.targets:
        noun = _noun(one.extension, one.phone, sip_domain)
        if noun:
            again = quoteattr(_again(route, asked, one))
            return _response(f'<Dial timeout="{one.seconds}" action={again} method="GET">{noun}</Dial>')
    if route.kind == "queue" and not route.targets:
        return _response(f"<Enqueue>{escape(route.queue)}</Enqueue>")
    is_number = _E164.fullmatch(route.last_resort) is not None
    noun = _noun("" if is_number else route.last_resort, route.last_resort if is_number else "", sip_domain)
    return _response(f"<Dial>{noun}</Dial>" if noun else '<Reject reason="busy"/>')


def _again(route: Route, asked: Asked, reached: Target) -> str:
    """A relative address: Twilio keeps the credentials of the one it asked."""
    skipped = [one.key for one in route.targets[: route.targets.index(reached) + 1]]
    told = {"format": "twilio", "line": asked.line, "caller": asked.caller, "dialled": asked.dialled}
    told["tried"] = ",".join([*sorted(asked.tried), *skipped])
    return "route?" + urlencode({name: value for name, value in told.items() if value}, quote_via=quote)


def _noun(extension: str, phone: str, sip_domain: str) -> str:
    if extension and sip_domain:
        return f"<Sip>{escape(f'sip:{quote(extension)}@{sip_domain}')}</Sip>"
    return f"<Number>{escape(phone)}</Number>" if _E164.fullmatch(phone) else ""


def _response(inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>{inner}</Response>\n'
