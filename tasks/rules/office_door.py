"""The ways in from outside as the office folder declares them: the door's address, and the forms of its web sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

_STRICT: dict[str, Any] = {"extra": "forbid"}

FieldKind = Literal["text", "long", "mail", "phone", "choice", "flag", "file"]
FieldMeaning = Literal["", "name", "mail", "phone", "company", "subject", "text", "language"]


@dataclass(frozen=True, slots=True)
class Door:
    """Where people act without an account. `url` is what mails point to, '' for no links; a decision made by a link or
    button can be taken back for `undo_seconds`, and takes effect then (0: at once). A link is good for `link_days`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    url: str = ""
    undo_seconds: int = 60
    link_days: int = 30


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `meaning` says what the office takes it for; other fields go into the lead's text.

    A field of the kind `file` takes up to `max_files` documents or pictures (multipart only), each of at most
    `max_file_kilobytes`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    name: str
    title: str = ""
    kind: FieldKind = "text"
    meaning: FieldMeaning = ""
    is_required: bool = False
    max_chars: int = 200
    options: tuple[str, ...] = ()
    max_files: int = 5
    max_file_kilobytes: int = 5120


@dataclass(frozen=True, slots=True)
class SiteForm:
    """A form of a web site: POST /forms/NAME.

    `honeypot` names a field that people do not see: what fills it is stored, and makes nothing. `origins` are the sites
    whose pages may post (CORS); none: only servers may, no browser. With `secret` every post carries
    `X-Callout-Signature: sha256=HEX`, the HMAC of the raw body. `thanks_url`: where a browser goes after a plain form.
    `opens_order`: what a client known to the office posts becomes an order at once; anybody else's is a lead.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    name: str
    title: str
    fields: tuple[FormField, ...]
    origins: tuple[str, ...] = ()
    honeypot: str = ""
    secret: str = ""
    max_kilobytes: int = 64
    per_hour_from_one_address: int = 30
    per_hour: int = 2000
    thanks_url: str = ""
    opens_order: bool = False
    is_active: bool = True
