"""pymap as the demo's IMAP server, answering dates in UTC whatever the machine's zone."""

from __future__ import annotations

import os
import time

from pymap.main import main

if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    main()
