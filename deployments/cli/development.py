"""Tests, lint and benchmarks, for those who change the house."""

from __future__ import annotations

import argparse
import subprocess
import sys

from deployments.settings import PROJECT

TEST_KINDS = {
    "debian": "those against Debian's servers (CI installs them)",
    "browser": "those in Debian's Chromium (CI installs it)",
    "long": "those that start whole processes or play very many courses",
    "scenarios": "whole courses through the real doors",
    "faults": "those that kill processes (with --debian: against Debian's servers)",
}
BENCHMARKS = (
    "door",
    "mail",
    "listener",
    "calls",
    "spam",
    "corpus",
    "dispatch",
    "find",
    "match",
    "process",
    "route",
    "telephony",
    "logfile",
)


def run_tests(arguments: argparse.Namespace) -> int:
    """The tests that need nothing but the lock, or the kinds asked for: each has needs or a length of its own."""
    kinds = {kind: getattr(arguments, kind) for kind in TEST_KINDS}
    marks = " and ".join(name if is_wanted else f"not {name}" for name, is_wanted in kinds.items())
    # processes that are killed, and a browser, want the machine for themselves
    side_by_side = () if arguments.faults or arguments.browser else ("-n", "2", "--dist", "loadfile")
    return _python("-m", "pytest", "-m", marks, *side_by_side, *arguments.words)


def run_lint(_arguments: argparse.Namespace) -> int:
    """Style, format and strict types; every tool runs, the first failing code is returned."""
    codes = [_python("-m", "ruff", "check"), _python("-m", "ruff", "format", "--check"), _python("-m", "mypy")]
    return next((code for code in codes if code), 0)


def run_bench(arguments: argparse.Namespace) -> int:
    """Measure one subject beside its floor in the same run."""
    return _python("-m", f"tests.bench.bench_{arguments.what}", *arguments.words)


def _python(*words: str) -> int:
    return subprocess.run([sys.executable, *words], cwd=PROJECT, check=False).returncode  # noqa: S603 (our own words)
