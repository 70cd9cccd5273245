"""The VLM worker of a stack with other settings, for a while."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.stack import CHECKOUT, Stack

_WORKER = "ocr_vlm-1"
_LIMIT_S = 60


@contextmanager
def vlm_worker(stack: Stack, **settings: str) -> Iterator[None]:
    """In the place of the stack's own, and with its settings but for these."""
    [process] = stack.processes(_WORKER)
    environment = {**os.environ, **psutil.Process(process.pid).environ(), **settings}
    with stack.without(_WORKER), process.log.open("ab") as log:
        other = subprocess.Popen(
            [sys.executable, "-m", "workers.ocr_vlm"], cwd=CHECKOUT, env=environment, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            other.terminate()
            other.wait(_LIMIT_S)
