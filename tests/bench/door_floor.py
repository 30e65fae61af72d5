"""The floor of the door's benchmark: the same framework and server with routes that do nothing."""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/board")
def board() -> dict[str, str]:
    """Nothing, from a thread as our pages are."""
    return {}


@app.post("/form")
def form() -> dict[str, str]:
    """Nothing."""
    return {}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_config=None)
