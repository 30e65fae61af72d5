"""What must be in order before a worker polls: the store and its views, our deployments, no run left open by the dead.

A process of its own (`python -m deployments.prepare TIME_ZONE`), so that the supervisor need not carry Prefect.
"""

from __future__ import annotations

import json
import os
import sys

from deployments.apply import apply_deployments
from deployments.reconcile import reconcile_at_start
from flows.opening import open_desk
from tasks.gateways.store.revision import remake_views
from tasks.rules.errors import CalloutError


def prepare(time_zone: str) -> dict[str, object]:
    """Bring store and views up to date, apply prefect.yaml and close left-overs on the server of PREFECT_API_URL.

    Returns what was done, by name.
    """
    desk = open_desk()
    has_new_views = remake_views(desk.engine)
    desk.engine.dispose()
    applied = apply_deployments(os.environ, time_zone)
    done = {"deployments": len(applied.deployments), "removed": applied.removed, "views_remade": has_new_views}
    return done | reconcile_at_start()


def main() -> int:
    """One JSON line and 0, or one line of what is wrong and its exit code."""
    try:
        print(json.dumps(prepare(sys.argv[1])))
    except CalloutError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
