"""What people use today, as they would run it on two cores."""

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Literal

DPI = 300
_LIMIT_S = 3600
RasterFormat = Literal["png", "pgm"]
_ONE_THREAD = {**os.environ, "OMP_THREAD_LIMIT": "1"}


def ocrmypdf(pdf: Path, work: Path, language: str) -> tuple[float, str]:
    """Seconds and text of ``ocrmypdf -j2``: it renders, reads and writes a searchable PDF."""
    sidecar = work / "ocrmypdf.txt"
    begin = time.monotonic()
    _run(
        "ocrmypdf", "-j2", "--quiet", "--force-ocr", "--oversample", str(DPI), "-l", language,
        "--sidecar", str(sidecar), str(pdf), str(work / "ocrmypdf.pdf"),
    )  # fmt: skip
    return time.monotonic() - begin, sidecar.read_text()


def pdftoppm_and_tesseract(
    pdf: Path, work: Path, language: str, raster_format: RasterFormat
) -> tuple[float, str]:
    """Seconds and text of poppler's rasters, read by two ``tesseract`` at a time.

    PNG is what most recipes say; its compression takes about as long as the reading.
    """
    rasters = work / "rasters"
    shutil.rmtree(rasters, ignore_errors=True)
    rasters.mkdir()
    flags = ("-png",) if raster_format == "png" else ()
    begin = time.monotonic()
    _run("pdftoppm", "-r", str(DPI), "-gray", *flags, str(pdf), str(rasters / "page"))
    names = "\n".join(str(path.with_suffix("")) for path in sorted(rasters.iterdir()))
    _run("xargs", "-P2", "-I{}", "tesseract", f"{{}}.{raster_format}", "{}", "-l", language, stdin=names)
    seconds = time.monotonic() - begin
    return seconds, "\f".join(path.read_text() for path in sorted(rasters.glob("*.txt")))


def version(command: str) -> str:
    """The first line that the program says of itself, or 'missing'."""
    if not shutil.which(command):
        return "missing"
    flag = "-v" if command == "pdftoppm" else "--version"
    said = subprocess.run([command, flag], capture_output=True, text=True, check=False, timeout=60)
    return (said.stdout or said.stderr).splitlines()[0]


def _run(*command: str, stdin: str | None = None) -> None:
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, env=_ONE_THREAD, check=False, timeout=_LIMIT_S
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-1000:]}")
