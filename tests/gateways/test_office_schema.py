"""The schema of telephony.yaml: the file beside it is the current one, and knows every key of the sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from deployments.settings import PROJECT
from tasks.gateways.office_schema import SCHEMA_FILE, telephony_schema
from tasks.gateways.strict_yaml import parse_yaml

OFFICE = PROJECT / "deployments" / "office"


def _unknown(schema: dict[str, Any], part: dict[str, Any], value: Any, path: str = "") -> list[str]:
    """Keys of a value that its schema does not have."""
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        return [one for each in value for one in _unknown(schema, part["items"], each, path)]
    if not isinstance(value, dict):
        return []
    known, more = part.get("properties", {}), part.get("additionalProperties")
    found = [f"{path}/{key}" for key in value if key not in known and not more]
    return found + [
        one
        for key, each in value.items()
        for one in _unknown(schema, known.get(key) or more or {}, each, f"{path}/{key}")
    ]


def test_the_file_for_editors_is_the_current_one() -> None:
    kept = json.loads((OFFICE / SCHEMA_FILE).read_text(encoding="utf-8"))
    assert kept == telephony_schema(), "write it anew: ./callout office schema"


def test_it_knows_every_key_of_the_sample_and_no_other() -> None:
    schema = telephony_schema()
    sample = parse_yaml("telephony.yaml", Path(OFFICE / "telephony.yaml").read_bytes(), {}).value
    assert _unknown(schema, schema, sample) == []
    sample["logs"][0]["recordings"]["hots"] = []
    assert _unknown(schema, schema, sample) == ["/logs/recordings/hots"]
    assert schema["$defs"]["RecordingSource"]["properties"]["way"]["enum"] == ["none", "folder", "https", "link"]
