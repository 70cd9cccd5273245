"""How a front starts, or says why it does not."""

import os
import subprocess
import sys
from pathlib import Path

from tests.fakes.plans import SHIPPED

LIMIT_S = 30


def test_a_wrong_plans_file_ends_the_start_with_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    wrong = tmp_path / "plans.toml"
    wrong.write_text(SHIPPED.read_text().replace("max_pages = 25", "max_pages = 0"))
    for module in ("front", "front.admin"):
        arguments = ["account", "list"] if module == "front.admin" else []
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env={**os.environ, "OCR_PLANS_FILE": str(wrong)},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 1
        said = done.stderr.strip().splitlines()
        assert said == [f"{wrong}: plans.free.max_pages: Input should be greater than or equal to 1, not 0."]
