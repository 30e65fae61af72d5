"""Modules that wait for their first use, each in a fresh interpreter, which has loaded nothing yet."""

from __future__ import annotations

import subprocess
import sys

from deployments.settings import PROJECT


def _said(program: str) -> str:
    run = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_a_named_module_is_loaded_by_its_first_use() -> None:
    program = (
        "import sys; from tasks.gateways.late_imports import load_late; load_late('colorsys');"
        "import colorsys; first = 'rgb_to_hsv' in object.__getattribute__(colorsys, '__dict__');"
        "print(first, colorsys.rgb_to_hsv(0, 0, 1)[2])"
    )
    assert _said(program) == "False 1"


def test_other_modules_are_loaded_at_once() -> None:
    program = (
        "import sys; from tasks.gateways.late_imports import load_late; load_late('colorsys');"
        "import shelve; print('Shelf' in object.__getattribute__(shelve, '__dict__'))"
    )
    assert _said(program) == "True"


def test_the_gates_library_comes_without_statistics_and_charts() -> None:
    program = (
        "import sys; from tasks.gateways.late_imports import load_late; load_late('altair', 'scipy.stats');"
        "import tasks.gateways.quality_validation;"
        "print('scipy.linalg' in sys.modules, 'altair.vegalite' in sys.modules)"
    )
    assert _said(program) == "False False"
