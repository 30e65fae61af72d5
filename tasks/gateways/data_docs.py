"""Data Docs that need no network: Great Expectations' own rendering of each suite, in pages of ours.

The library's pages load styles and scripts from eight foreign hosts and a logo that tells who looks; these load
nothing (their content policy forbids it) and show ids, never values.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import great_expectations as gx
from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tasks.gateways.data_docs_words import WORDS
from tasks.gateways.quality_audit import TableAudit
from tasks.rules.audit import AuditFindings
from tasks.rules.audit_words import said

_TEMPLATES = Path(__file__).with_name("data_docs_templates")
_COUNTS_FILE = "counts.json"
_SECTIONS = "{% for section in sections %}{% set section_loop = loop %}{% include 'section.j2' %}{% endfor %}"


def write_data_docs(
    folder: Path,
    findings: AuditFindings,
    tables: Sequence[TableAudit],
    *,
    now: datetime,
    zone: ZoneInfo,
    language: str,
    kept_runs: int,
) -> Path:
    """Write the pages of one audit and the list of all, keep the newest `kept_runs`; returns the list's path.

    Writing the same moment again replaces its pages.
    """
    run = folder / f"{now:%Y%m%dT%H%M%SZ}"
    run.mkdir(parents=True, exist_ok=True)
    moment = f"{now.astimezone(zone):%d.%m.%Y %H:%M}"
    for audit in tables:
        if audit.result is not None:
            facts = {"audit": audit, "moment": moment, "expectations": _expectations(audit.result)}
            _write(run / f"{audit.table}.html", "table", language, facts | {"title": audit.table})
    _write(run / "index.html", "run", language, {"findings": findings, "title": f"{WORDS[language]['audit']} {moment}"})
    counts = {"moment": moment, "counts": findings.counts()}
    (run / _COUNTS_FILE).write_text(json.dumps(counts), encoding="utf-8")
    _prune(folder, kept_runs)
    runs = [json.loads(file.read_text(encoding="utf-8")) | {"folder": file.parent.name} for file in _runs(folder)]
    _write(folder / "index.html", "index", language, {"runs": runs, "title": WORDS[language]["title"]})
    return folder / "index.html"


def _runs(folder: Path) -> list[Path]:
    """The finished runs, newest first."""
    return sorted(folder.glob(f"*/{_COUNTS_FILE}"), reverse=True)


def _prune(folder: Path, kept_runs: int) -> None:
    for file in _runs(folder)[kept_runs:]:
        shutil.rmtree(file.parent)


def _expectations(result: ExpectationSuiteValidationResult) -> Markup:
    """The library's own words for each expectation and what came of it; its overview and links stay out."""
    document = ValidationResultsPageRenderer().render(result).to_json_dict()
    template = DefaultJinjaPageView().env.from_string(_SECTIONS)
    return Markup(template.render(sections=document["sections"][1:]))  # noqa: S704 - the library escapes values itself


def _write(path: Path, template: str, language: str, facts: Mapping[str, Any]) -> None:
    page = _environment().get_template(f"{template}.html.j2")
    shared = {"language": language, "said": said, "words": WORDS[language], "library_version": gx.__version__}
    path.write_text(page.render(shared | dict(facts)), encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
