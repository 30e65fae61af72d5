"""The JSON Schema of telephony.yaml for editors, made of the very classes that the file is read into."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from tasks.rules.office_telephony import Telephony

SCHEMA_FILE = "telephony.schema.json"


def telephony_schema() -> dict[str, Any]:
    """What may stand in telephony.yaml: keys, types and choices. References between keys are for `office check`."""
    made = TypeAdapter(Telephony).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "Callout telephony file"}
