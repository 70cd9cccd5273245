"""Who reads: the fleet over its REST API, and the plain command line tool."""

import os
import subprocess
import tempfile
from pathlib import Path

from tests.client import JOBS, Client, accepted
from tests.eval.reliability import Judged, judged, words_of
from tests.eval.sets import Item

_LIMIT_S = 900
_PDF_DPI = 300


class FleetReader:
    """Reads over the REST API, and keeps in ``words`` how sure the fleet was of each, and how right.

    ``language`` instead of the item's own, for example ``auto``.
    """

    def __init__(self, client: Client, language: str | None) -> None:
        self.words: list[Judged] = []
        self._client = client
        self._language = language

    def __call__(self, item: Item) -> str:
        data, name = item.file.read_bytes(), item.file.name
        language = self._language or item.language
        job = self._client.read(data, name, limit_s=_LIMIT_S, tier="cpu", language=language)
        detailed = accepted(self._client.get(f"{JOBS}{job['uuid']}/", params={"detail": "words"}))
        self.words += judged(item.truth, list(words_of(detailed)), upper=item.is_in_capitals)
        return str(job["text"] or "")


def by_tesseract(item: Item, with_segmentation: bool) -> str:
    """``tesseract FILE - -l LANG``; a PDF's pages as pictures from pdftoppm."""
    flags = ["-l", item.language]
    if with_segmentation and item.segmentation is not None:
        flags += ["--psm", str(item.segmentation)]
    if item.file.suffix.lower() != ".pdf":
        return _tesseract(item.file, flags)
    with tempfile.TemporaryDirectory() as folder:
        prefix = str(Path(folder) / "page")
        _run("pdftoppm", "-r", str(_PDF_DPI), "-png", str(item.file), prefix)
        return "\f".join(_tesseract(path, flags) for path in sorted(Path(folder).iterdir()))


def _tesseract(image: Path, flags: list[str]) -> str:
    return _run("tesseract", str(image), "-", *flags)


def _run(*command: str) -> str:
    done = subprocess.run(
        command,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=_LIMIT_S,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr[-500:]}")
    return done.stdout
