"""What a log line may show."""

import json
import subprocess
import sys
from textwrap import dedent

TOKEN = "ocr_" + "Ab3-_" * 9
PROGRAM = f"""
    import logging
    from common import logs

    logs.configure("INFO", "test")
    logging.getLogger("tornado.general").warning("Malformed request for /api/%s/", "{TOKEN}")
    try:
        raise ValueError("{TOKEN}")
    except ValueError:
        logs.get("http").exception("handler_bug", path="/api/v1/ocr/{TOKEN}/")
"""


def test_a_token_is_made_unreadable_wherever_it_stands() -> None:
    done = subprocess.run(
        [sys.executable, "-c", dedent(PROGRAM)], capture_output=True, text=True, check=True, timeout=30
    )
    lines = done.stderr.splitlines()
    assert [json.loads(line)["level"] for line in lines] == ["warning", "error"]
    for line in lines:
        assert TOKEN not in line and "ocr_***" in line
