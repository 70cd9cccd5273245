"""How full disks are."""

import shutil
from functools import partial
from pathlib import Path

from common import metrics


def tell_free_space(name: str, folder: Path) -> None:
    """Have the metrics say how much is free where ``folder`` is; ``name`` is what they call it."""
    metrics.DISK_FREE.labels(name).set_function(partial(_free_ratio, folder))


def _free_ratio(folder: Path) -> float:
    """NaN where there is no such folder."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return float("nan")
    return usage.free / usage.total
