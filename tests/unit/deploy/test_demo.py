"""The demo as it runs, with a stack and a curl that only say what they were told."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "deploy" / "local" / "demo.sh"
TOKEN = "secret-token"

_CURL = """#!/bin/sh
printf '%s\\n' "$*" >>arguments
cat >>input
while [ $# -gt 1 ]; do
    case $1 in -o) echo '{"uuid": "u-1", "status": "done", "text": "words"}' >"$2" ;; -w) printf 200 ;; esac
    shift
done
"""
_PYTHON = f"""#!/bin/sh
case $1 in
-c) exec {sys.executable} "$@" ;;
*) printf "OCR_URL=http://service OCR_TOKEN={TOKEN}\\n" >.local/env ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / ".local").mkdir()
    for path, text in (("bin/curl", _CURL), (".venv/bin/python", _PYTHON)):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
        (tmp_path / path).chmod(0o700)
    (tmp_path / "deploy" / "local").mkdir(parents=True)
    shutil.copy(SCRIPT, tmp_path / "deploy" / "local")
    return tmp_path


def test_the_token_is_neither_shown_nor_among_the_arguments_of_a_command(checkout: Path) -> None:
    done = subprocess.run(
        ["sh", "deploy/local/demo.sh"],
        cwd=checkout,
        env={"PATH": f"{checkout}/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    calls = (checkout / "arguments").read_text().splitlines()
    assert len(calls) == len(("the upload", "txt", "md", "json", "csv", "docx", "pdf", "hocr", "alto"))
    assert TOKEN not in "".join(calls) + done.stdout
    assert (checkout / "input").read_text().splitlines() == [f"Authorization: Bearer {TOKEN}"] * len(calls)
    assert '$ curl -H "Authorization: Bearer $OCR_TOKEN" -F "file=@.local/sample.pdf"' in done.stdout
