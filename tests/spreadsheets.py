"""CSV files as LibreOffice Calc (libreoffice-calc-nogui) opens them."""

import subprocess
from pathlib import Path

from lxml import etree

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_QUOTES_UTF8 = "34,76"
COMMA, SEMICOLON, SEVERAL = "44", "59", "44/59/9"

Sheet = etree._ElementTree


def opened(path: Path, separators: str = COMMA) -> Sheet:
    """The sheet that is made of the file; the separators are numbers of characters."""
    return all_opened([path], separators)[0]


def all_opened(paths: list[Path], separators: str = COMMA) -> list[Sheet]:
    """The same for several files of one folder: the program starts but once."""
    folder = paths[0].parent
    command: list[str | Path] = ["soffice", "--headless"]
    command.append(f"-env:UserInstallation={(folder / 'office').as_uri()}")
    command.append(f"--infilter=CSV:{separators},{_QUOTES_UTF8}")
    command.extend(["--convert-to", "fods", "--outdir", folder, *paths])
    subprocess.run(command, check=True, capture_output=True, timeout=55)
    return [etree.parse(path.with_suffix(".fods")) for path in paths]


def rows_of(sheet: Sheet) -> list[list[str | float]]:
    """Numbers as numbers, texts as texts, without the blank cells."""
    rows = ([value for cell in row for value in _values(cell)] for row in sheet.iter(f"{_TABLE}table-row"))
    return [row for row in rows if row]


def formulas_of(sheet: Sheet) -> list[str]:
    formulas = (cell.get(f"{_TABLE}formula") for cell in sheet.iter(f"{_TABLE}table-cell"))
    return [formula for formula in formulas if formula]


def _values(cell: etree._Element) -> list[str | float]:
    """What is in the cell, as often as it stands side by side."""
    number = cell.get(f"{_OFFICE}value")
    text = "\n".join(line.text or "" for line in cell.iterfind(f"{_TEXT}p"))
    count = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
    return [float(number) if number else text] * count if text else []
