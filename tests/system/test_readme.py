"""What the README tells people to type, typed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import files
from tests.client import Client, Job, words
from tests.pages import numbered_pages
from tests.stack import CHECKOUT

SHEETS = numbered_pages(3)
PDF = files.scanned_pdf([sheet.image for sheet in SHEETS])
SENT = ("invoice.pdf", "report.pdf", "letter.jpg")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(language: str, uses: str) -> list[str]:
    """The README's blocks of code in that language that use that."""
    blocks = _BLOCK.findall((CHECKOUT / "README.md").read_text())
    return [code for kind, code in blocks if kind == language and uses in code]


SHELL = examples("sh", "curl ")
PYTHON = examples("python", "requests")
PROBLEM = '"urn:ocr-fleet:problem:'


@pytest.fixture(scope="module")
def job(client: Client) -> Job:
    return client.read(PDF, "invoice.pdf", language="en", translate_to="de")


@pytest.fixture
def folder(client: Client, tmp_path: Path) -> Path:
    """With the files that the examples name, and the settings that ``make up`` leaves."""
    for name in (*SENT, "scan.pdf"):
        (tmp_path / name).write_bytes(PDF)
    (tmp_path / ".local").mkdir()
    settings = f"export OCR_URL={client.url}\nexport OCR_TOKEN={client.token}\n"
    (tmp_path / ".local/env").write_text(settings)
    return tmp_path


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """In a shell that knows the service."""
    return subprocess.run(
        ["sh", "-eu", "-c", f". .local/env\n{command}"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )


def test_the_readme_has_examples_of_what_matters() -> None:
    typed = "".join(SHELL)
    wanted = ("language=", "pages=", "text_layer=", "tier=vlm", "schema=", "translate_to=")
    for what in (*wanted, "Idempotency-Key", "/download/", "/events/"):
        assert what in typed
    assert len(PYTHON) == 1


@pytest.mark.parametrize("command", SHELL)
def test_a_command_of_the_readme_works(folder: Path, job: Job, command: str) -> None:
    done = run(folder, command.replace("<uuid>", job["uuid"]))
    assert done.returncode == 0, done.stdout + done.stderr
    assert PROBLEM not in done.stdout
    if "result.md" in command:
        assert "page three" in words((folder / "result.md").read_text())


@pytest.mark.parametrize("command", [command for command in SHELL if "-F " in command])
def test_a_command_of_the_readme_fails_where_the_service_refuses(folder: Path, command: str) -> None:
    for name in SENT:
        (folder / name).write_bytes(b"no PDF")
    done = run(folder, command)
    assert done.returncode != 0
    assert PROBLEM in done.stdout


def test_the_program_of_the_readme_reads_a_file(folder: Path) -> None:
    done = program(folder)
    assert done.returncode == 0, done.stderr
    assert words(done.stdout) == " ".join(sheet.text for sheet in SHEETS)
    assert (folder / "scan.docx").read_bytes().startswith(b"PK")


def test_the_program_of_the_readme_says_what_is_wrong(folder: Path) -> None:
    (folder / "scan.pdf").write_bytes(b"no PDF")
    done = program(folder)
    assert done.returncode == 1
    assert "The file type is not supported" in done.stderr and "Traceback" not in done.stderr


def program(folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "program.py").write_text(PYTHON[0])
    return run(folder, f"{sys.executable} program.py")
