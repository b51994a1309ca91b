"""Listen for HTTP."""

import uvicorn
from fastapi import FastAPI


def listen(app: FastAPI, host: str, port: int) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    uvicorn.run(app, host=host, port=port, log_level="warning")
