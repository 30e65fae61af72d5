"""What was posted to a form of a site: checked against the form, field by field, and read as what a lead needs."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tasks.rules.mail.plain_text import clean_text, language_of, one_line
from tasks.rules.mail_address import canonical_mail
from tasks.rules.office_door import FormField, SiteForm
from tasks.rules.phones import to_e164

Mistake = Literal["missing", "too_long", "no_mail", "no_phone", "no_choice", "no_flag", "nobody_to_answer", "twice",
                  "too_many_files", "too_large", "no_document"]  # fmt: skip
Values = Mapping[str, Sequence[str]]

_FLAGS = {"true": True, "on": True, "yes": True, "1": True, "да": True, "false": False, "off": False, "no": False,
          "0": False, "нет": False, "": False}  # fmt: skip
_YES_NO = {"ru": {True: "да", False: "нет"}, "en": {True: "yes", False: "no"}}
_TITLE_CHARS = 120


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field that was filled in wrongly."""

    field: str
    mistake: Mistake


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A post that is in order: who asks, how to reach them (canonical mail, E.164), and what they want in words.

    `opens_order`: when the office knows them, an order begins.
    """

    name: str
    mail: str | None
    phone: str | None
    company: str
    title: str
    text: str
    language: str
    opens_order: bool = False


def is_trap(form: SiteForm, values: Values) -> bool:
    """Whether the field that people do not see was filled in: a robot's post."""
    return bool(form.honeypot) and any(text.strip() for text in values.get(form.honeypot, ()))


def is_signed(key: str, body: bytes, signature: str) -> bool:
    """Whether `signature` ('sha256=HEX') is the HMAC of the body under the form's key."""
    wanted = "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.strip().lower().encode())


def read_inquiry(
    form: SiteForm, values: Values, country: str, office_language: str
) -> Inquiry | tuple[FieldFault, ...]:
    """The post as an inquiry, or every mistake in it. Fields that the form does not have are left out; the raw post
    keeps them.
    """
    texts = {field.name: _text(field, values) for field in form.fields}
    faults = [fault for field in form.fields for fault in _faults(field, values, texts[field.name], country)]
    by_meaning = {str(field.meaning): texts[field.name] for field in form.fields if field.meaning}
    mail, phone = canonical_mail(by_meaning.get("mail", "")), to_e164(by_meaning.get("phone", ""), country)
    if not faults and not (mail or phone):
        reached = next(field.name for field in form.fields if field.meaning in ("mail", "phone"))
        faults.append(FieldFault(reached, "nobody_to_answer"))
    if faults:
        return tuple(faults)
    said = by_meaning.get("language", "")
    written = " ".join(texts[field.name] for field in form.fields if field.kind in ("text", "long"))
    language = said if said in _YES_NO else language_of(written) if written.strip() else office_language
    return Inquiry(
        name=by_meaning.get("name", ""),
        mail=mail,
        phone=phone,
        company=by_meaning.get("company", ""),
        title=_title(form, by_meaning),
        text=_words(form, texts, by_meaning, language),
        language=language,
        opens_order=form.opens_order,
    )


def _text(field: FormField, values: Values) -> str:
    given = values.get(field.name, ()) if field.kind != "file" else ()
    first = given[0] if given else ""
    return clean_text(first).strip() if field.kind == "long" else one_line(first)


def _faults(field: FormField, values: Values, text: str, country: str) -> list[FieldFault]:
    mistake: Mistake | None = None
    if field.kind == "file":
        return []  # looked at by its content, elsewhere
    if len(values.get(field.name, ())) > 1:
        mistake = "twice"
    elif not text:
        mistake = "missing" if field.is_required else None
    elif len(text) > field.max_chars:
        mistake = "too_long"
    elif field.kind == "mail" and canonical_mail(text) is None:
        mistake = "no_mail"
    elif field.kind == "phone" and to_e164(text, country) is None:
        mistake = "no_phone"
    elif field.kind == "choice" and text not in field.options:
        mistake = "no_choice"
    elif field.kind == "flag" and text.casefold() not in _FLAGS:
        mistake = "no_flag"
    return [FieldFault(field.name, mistake)] if mistake else []


def _title(form: SiteForm, by_meaning: Mapping[str, str]) -> str:
    said = by_meaning.get("subject") or by_meaning.get("text", "").partition("\n")[0]
    title = f"{form.title}: {one_line(said)}" if said else form.title
    return title if len(title) <= _TITLE_CHARS else title[: _TITLE_CHARS - 1] + "…"


def _words(form: SiteForm, texts: Mapping[str, str], by_meaning: Mapping[str, str], language: str) -> str:
    """The message, and below it every other answer with its field's title."""
    others = [field for field in form.fields if field.meaning not in ("text", "language") and texts[field.name]]
    lines = [f"{field.title or field.name}: {_said(field, texts[field.name], language)}" for field in others]
    return "\n\n".join(part for part in (by_meaning.get("text", ""), "\n".join(lines)) if part)


def _said(field: FormField, text: str, language: str) -> str:
    return _YES_NO[language][_FLAGS[text.casefold()]] if field.kind == "flag" else text
