"""pymap as the demo's IMAP server, answering dates in UTC whatever the machine's zone."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from pymap.main import main

if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    for lock in Path(sys.argv[-1]).rglob("*.lock"):
        lock.unlink()  # of a server that was killed: pymap would wait ten minutes for it
    main()
