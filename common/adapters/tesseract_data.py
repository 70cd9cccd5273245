"""Where Tesseract's language models are."""

import re
import subprocess
from pathlib import Path
from typing import Final

from common.errors import EngineUnavailable

_ANSWER_LIMIT_S: Final = 20
_FOLDER: Final = re.compile(r'in "([^"]+)"')


def tessdata_folder(configured: Path | None = None) -> Path:
    """The folder of the ``.traineddata`` files: the configured one, or else the tesseract command's own.

    Raises EngineUnavailable when neither is there.
    """
    folder = configured or _folder_of_command()
    if folder is None or not any(folder.glob("*.traineddata")):
        raise EngineUnavailable(
            f"Tesseract's language models are not in {folder}: install tesseract-ocr or set TESSDATA_PREFIX."
        )
    return folder


def _folder_of_command() -> Path | None:
    """As told by the first line of ``tesseract --list-langs``."""
    try:
        listing = subprocess.run(
            ["tesseract", "--list-langs"], capture_output=True, text=True, timeout=_ANSWER_LIMIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = _FOLDER.search(listing.stdout)
    return Path(found.group(1)) if found else None
