"""The JSON Schema of process files, for editors: completion and red lines while one types.

Made from the grammar's own words, so that it cannot fall behind. It knows shapes, not names: whether a stage or a field
exists is said by `./callout process check`.
"""

from __future__ import annotations

from typing import Any, get_args

from tasks.rules.process.definition import DocumentKind, FieldType, Operator, Outcome, WorkKind
from tasks.rules.process.grammar_rules import WORK_VERBS

Schema = dict[str, Any]
_NAME: Schema = {"type": "string", "pattern": "^[^\\W\\d]\\w*$"}
_SPAN: Schema = {"type": "string", "pattern": "^[0-9]+[mhd]( working)?$"}
_SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}
_FLAG: Schema = {"type": "boolean"}


def process_schema() -> Schema:
    """The schema of a whole process file (JSON Schema 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Callout process file",
        "description": "Fields, work, stages and rules of one process. Check it with: ./callout process check FILE",
        **_object(
            {
                "process": _NAME,
                "version": _count(1_000_000),
                "title": _ref("text"),
                "entity": _NAME,
                "rights": _object(dict.fromkeys(("see", "export", "edit_file"), _ref("names"))),
                "start_on": _list(_start_on()),
                "ready": _list(_ready()),
                "fields": _named(_field()),
                "work": _named(_work()),
                "stages": {**_named(_stage()), "minProperties": 1},
                "rules": _list(_ref("rule")),
            },
            "process",
            "version",
            "entity",
            "stages",
        ),
        "$defs": {
            "text": _text(),
            "names": _list(_NAME),
            "slots": {**_list(_NAME), "minItems": 1},
            "condition": _condition(),
            "action": _action(),
            "rule": _rule(),
        },
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _count(most: int) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": most}


def _object(properties: dict[str, Schema], *required: str) -> Schema:
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def _named(part: Schema) -> Schema:
    return {"type": "object", "propertyNames": _NAME, "additionalProperties": part}


def _text() -> Schema:
    words: Schema = {"type": ["string", "number"]}
    return {"anyOf": [words, {**_object({"ru": words, "en": words}), "minProperties": 1}]}


def _start_on() -> Schema:
    ends = {"enum": list(get_args(Outcome))}
    return _object(
        {"process": _NAME, "ended": ends, "if": _ref("condition"), "with": {"type": "object"}}, "process", "ended"
    )


def _ready() -> Schema:
    given = {"type": "object", "propertyNames": _NAME, "minProperties": 1, "maxProperties": 1}
    return {"anyOf": [_NAME, given]}


def _field() -> Schema:
    compute = {
        "anyOf": [
            _object({"sum": _NAME}, "sum"),
            _object({"pick": _NAME, "from": {"type": "object"}, "plus": _NAME}, "pick"),
        ]
    }
    return _object(
        {
            "type": {"enum": list(get_args(FieldType))},
            "title": _ref("text"),
            "options": _list({"type": "string"}),
            "required": _FLAG,
            "compute": compute,
        },
        "type",
    )


def _work() -> Schema:
    asked = _object({"if": _ref("condition"), "ask": _ref("slots")}, "ask")
    return _object(
        {
            "kind": {"enum": list(get_args(WorkKind))},
            "title": _ref("text"),
            "who": {"anyOf": [_ref("slots"), {**_list(asked), "minItems": 1}]},
            "watch": _ref("slots"),
            "need": {"anyOf": [{"enum": ["all", "any"]}, _count(1000)]},
            "distinct": _FLAG,
            "due": _SPAN,
            "until": {"enum": ["stage", "item"]},
            "binds": _ref("slots"),
            "closed_by": _ref("slots"),
            "close_if": _ref("condition"),
            "say": _ref("text"),
        },
        "kind",
        "who",
    )


def _stage() -> Schema:
    part = _object(
        {
            "needs": _ref("slots"),
            "status": _ref("text"),
            "within": _object({"time": _SPAN, "blame": _ref("slots")}, "time"),
            "ends": {"enum": list(get_args(Outcome))},
            "enter": _list(_ref("action")),
            "rules": _list(_ref("rule")),
        }
    )
    return {**part, "minProperties": 1}


def _condition() -> Schema:
    operators = {
        operator: _FLAG if operator == "filled" else {"type": "array"} if operator == "in" else {}
        for operator in get_args(Operator)
    }
    parts = {**_list(_ref("condition")), "minItems": 1}
    test = {"anyOf": [_SCALAR, {"type": "array"}, {**_object(operators), "minProperties": 1}]}
    return {
        "type": "object",
        "properties": {"all": parts, "any": parts, "not": _ref("condition")},
        "additionalProperties": test,
    }


def _action() -> Schema:
    value = {"anyOf": [_SCALAR, {"type": "array"}, _object({"add": {"type": "number"}}, "add")]}
    actions = {
        "ask": _NAME,
        "withdraw": _NAME,
        "set": {"type": "object", "propertyNames": _NAME, "additionalProperties": value},
        "status": _ref("text"),
        "notify": _object({"to": _ref("slots"), "from": {"enum": ["author"]}, "text": _ref("text")}, "to", "text"),
        "assign": _object({"field": _NAME, "from": _ref("slots")}, "field", "from"),
        "start": _object(
            {"process": _NAME, "as": _NAME, "with": {"type": "object"}, "wait": _FLAG, "returns": {"type": "object"}},
            "process",
        ),
        "calendar": _object({"who": _NAME, "at": _NAME, "title": _ref("text")}, "who", "at", "title"),
        "incident": _object({"on": _NAME, "what": _ref("text")}, "on", "what"),
        "document": _object({"make": {"enum": list(get_args(DocumentKind))}, "as": _NAME, "due": _SPAN}, "make", "as"),
    }
    return {**_object(actions), "minProperties": 1, "maxProperties": 1}


def _rule() -> Schema:
    triggers: dict[str, Schema] = {
        "event": _NAME,
        "work": {"type": "string", "pattern": f"^\\w+ ({'|'.join(WORK_VERBS)})$"},
        "changed": _ref("slots"),
        "after": _SPAN,
        "as_soon_as": _ref("condition"),
    }
    properties = {
        **triggers,
        "every": _SPAN,
        "times": _count(1000),
        "by": _ref("slots"),
        "if": _ref("condition"),
        "say": _ref("text"),
        "do": _list(_ref("action")),
        "to": _NAME,
    }
    return {
        **_object(properties),
        "oneOf": [{"required": [name]} for name in triggers],
        "anyOf": [{"required": ["do"]}, {"required": ["to"]}],
    }
