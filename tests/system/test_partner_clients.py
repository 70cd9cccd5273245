"""Partners' programs in three languages, as shown: a file through the queue, and its text back."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from common.contracts.topology import MAX_MESSAGE_BYTES
from tests import files
from tests.client import words
from tests.pages import numbered_pages
from tests.secrets_in_logs import SECRETS
from tests.stack import CHECKOUT, Stack

PROGRAMS = CHECKOUT / "tests" / "partners"
NODE_MODULES = CHECKOUT / ".local" / "partners" / "node_modules"
COMMANDS = {
    "python": (sys.executable, str(PROGRAMS / "python" / "read_file.py")),
    "node": (str(Path(sys.executable).with_name("node")), str(PROGRAMS / "node" / "read_file.js")),
    "php": ("php", str(PROGRAMS / "php" / "read_file.php")),
}
SHEETS = numbered_pages(2)
LIMIT_S = 50

pytestmark = pytest.mark.parametrize("language", COMMANDS)


@dataclass(frozen=True)
class Partner:
    name: str
    amqp_url: str

    def run(self, language: str, file: Path) -> subprocess.CompletedProcess[str]:
        known = {"AMQP_URL": self.amqp_url, "NODE_PATH": str(NODE_MODULES), "PATH": os.environ["PATH"]}
        return subprocess.run(
            [*COMMANDS[language], str(file)],
            env=known,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )


@pytest.fixture(scope="module")
def partner(stack: Stack) -> Iterator[Partner]:
    """Made by the operator's command, known by what that prints, and removed by it."""
    name = f"acme-{secrets.token_hex(3)}"
    told = stack.admin("partner", "add", name, "--plan", "free").splitlines()
    (url,) = (line.removeprefix("AMQP_URL=") for line in told if line.startswith("AMQP_URL="))
    SECRETS.note_token(urlsplit(url).password or "")
    yield Partner(name, url)
    assert f"account '{name}' stays" in stack.admin("partner", "remove", name)
    assert name not in stack.admin("partner", "list")


def test_a_file_goes_in_and_its_text_comes_back(language: str, partner: Partner, tmp_path: Path) -> None:
    file = tmp_path / "invoice.pdf"
    file.write_bytes(files.scanned_pdf([sheet.image for sheet in SHEETS]))
    done = partner.run(language, file)
    assert done.returncode == 0, done.stderr
    for sheet in SHEETS:
        SECRETS.note_text(sheet.text)
        assert words(sheet.text) in words(done.stdout)
    told = [line.split() for line in done.stderr.splitlines()]
    kinds = [what for what, _, _ in told]
    assert (kinds[0], kinds[-1], set(kinds[1:-1])) == ("accepted", "done", {"page"})
    assert {correlation for _, _, correlation in told} == {"invoice-17"}


def test_the_readme_shows_what_is_run(language: str) -> None:
    program = Path(COMMANDS[language][1])
    readme = (CHECKOUT / "README.md").read_text()
    shown = f"```python\n{program.read_text()}```" if language == "python" else f"(tests/partners/{language}/"
    assert shown in readme


def test_what_cannot_be_read_is_told_with_the_reason(language: str, partner: Partner, tmp_path: Path) -> None:
    file = tmp_path / "song.mp3"
    file.write_bytes(b"ID3\x04" + bytes(1000))
    done = partner.run(language, file)
    assert done.returncode == 1
    assert "file type is not supported" in done.stderr
    assert not done.stdout


def test_a_file_that_is_no_message_any_more_ends_in_one_sentence_and_not_in_waiting(
    language: str, partner: Partner, tmp_path: Path
) -> None:
    file = tmp_path / "large.pdf"
    file.write_bytes(b"%PDF-1.7" + bytes(MAX_MESSAGE_BYTES))
    done = partner.run(language, file)
    assert done.returncode != 0 and not done.stdout
    assert "larger than configured max size" in done.stderr
