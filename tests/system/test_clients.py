"""What existing clients do, with their own tools: nothing but host and token may differ for them."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests import files
from tests.client import Client, words
from tests.pages import numbered_pages
from tests.system.judging import check_job

SCRIPTS = Path(__file__).parent / "clients"
SHORT = numbered_pages(2)
LONG = numbered_pages(8)
TIERS = pytest.mark.parametrize("tier", ["cpu", pytest.param("vlm", marks=pytest.mark.live)])
SCRIPTED = pytest.mark.parametrize(
    "command", [(sys.executable, "read.py"), ("node", "read.mjs")], ids=["python", "node"]
)


@pytest.fixture
def short_pdf(tmp_path: Path) -> Path:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(files.scanned_pdf([sheet.image for sheet in SHORT]))
    return path


@pytest.fixture
def long_pdf(tmp_path: Path) -> Path:
    path = tmp_path / "report.pdf"
    path.write_bytes(files.scanned_pdf([sheet.image for sheet in LONG]))
    return path


@TIERS
@pytest.mark.parametrize("file_first", [True, False])
def test_curl(client: Client, short_pdf: Path, file_first: bool, tier: str) -> None:
    file, fields = ["-F", f"file=@{short_pdf.name}"], ["-F", f"tier={tier}", "-F", "language=auto"]
    ordered = [*file, *fields] if file_first else [*fields, *file]
    api = f"{client.url}/api/v1/ocr/"
    token = ["-H", f"Authorization: Bearer {client.token}"]

    job = json.loads(run("curl", "-sS", "-X", "POST", api, *token, *ordered, folder=short_pdf.parent))
    check_job(job)
    assert job["status"] == "done"
    assert job["filename"] == "invoice.pdf"
    assert job == json.loads(run("curl", "-sS", *token, f"{api}{job['uuid']}/", folder=short_pdf.parent))

    for file_format in ("txt", "md", "json", "docx"):
        address = f"{api}{job['uuid']}/download/?format={file_format}"
        run("curl", "-sS", "-L", *token, address, "-o", f"result.{file_format}", folder=short_pdf.parent)
    check_results(short_pdf.parent, [sheet.text for sheet in SHORT])


@TIERS
@SCRIPTED
def test_script_with_a_short_document(
    client: Client, short_pdf: Path, command: tuple[str, str], tier: str
) -> None:
    check_script(client, command, short_pdf, tier, [sheet.text for sheet in SHORT])


@TIERS
@SCRIPTED
def test_script_that_waits_for_a_long_document(
    client: Client, long_pdf: Path, command: tuple[str, str], tier: str
) -> None:
    check_script(client, command, long_pdf, tier, [sheet.text for sheet in LONG])


def check_script(client: Client, command: tuple[str, str], pdf: Path, tier: str, texts: list[str]) -> None:
    program, script = command
    environment = {"OCR_URL": client.url, "OCR_TOKEN": str(client.token)}
    line = (program, str(SCRIPTS / script), pdf.name, tier)
    printed = run(*line, folder=pdf.parent, environment=environment)
    assert words(printed) == words(without_comments((pdf.parent / "result.md").read_text()))
    check_results(pdf.parent, texts)


def check_results(folder: Path, texts: list[str]) -> None:
    assert [words(page) for page in (folder / "result.txt").read_text().split("\f")] == texts
    job = json.loads((folder / "result.json").read_text())
    check_job(job)
    assert [words(page["text"]) for page in job["pages"]] == texts
    markdown = words((folder / "result.md").read_text())
    assert all(text in markdown for text in texts)
    with zipfile.ZipFile(folder / "result.docx") as package:
        assert package.testzip() is None


def without_comments(markdown: str) -> str:
    """Such as say where a page begins."""
    return re.sub("<!--.*?-->", "", markdown)


def run(*command: str, folder: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
