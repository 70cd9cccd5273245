"""Tesseract as the command, through pytesseract: slower, but a page that crashes it crashes nothing else."""

import errno
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytesseract
from PIL import Image
from pytesseract.pytesseract import run_tesseract, save

from common.adapters.tesseract_punctuation import with_own_punctuation
from common.adapters.tesseract_spacing import rejoined
from common.adapters.tesseract_tsv import blocks_from_tsv
from common.document.page import Block
from common.document.script import ENOUGH_CHARACTERS, Script
from common.document.segmentation import Segmentation
from common.domain.tesseract_variables import is_torn, variables_for
from common.errors import DiskUnavailable, EngineCrashed, EngineFailed, EngineTimeout, EngineUnavailable

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class PytesseractEngine:
    """Starts the command for each page; needs tesseract in the PATH."""

    def __init__(self, tessdata: Path) -> None:
        self._tessdata = f"--tessdata-dir {shlex.quote(str(tessdata))}"

    def read(
        self,
        image: Image.Image,
        languages: Sequence[str],
        dpi: int | None,
        time_limit_s: float,
        segmentation: Segmentation = Segmentation.PAGE,
    ) -> tuple[Block, ...]:
        """See PageEngine."""
        config = f"{self._tessdata} --psm {segmentation.value}" + (f" --dpi {dpi}" if dpi is not None else "")
        config += "".join(f" -c {name}={value}" for name, value in variables_for(languages).items())
        config += " -c tessedit_create_tsv=1 -c tessedit_create_txt=1"
        with _command_errors(), save(image) as (outcome, picture):
            run_tesseract(picture, outcome, "", "+".join(languages), config, timeout=time_limit_s)
            blocks = blocks_from_tsv(_text(f"{outcome}.tsv"))
            blocks = rejoined(blocks, _text(f"{outcome}.txt")) if is_torn(languages) else blocks
            return with_own_punctuation(blocks)

    def detect_script(self, image: Image.Image, time_limit_s: float) -> Script | None:
        """See PageEngine."""
        config = f"{self._tessdata} -c min_characters_to_try={ENOUGH_CHARACTERS}"
        try:
            with _command_errors():
                found = pytesseract.image_to_osd(
                    image, config=config, output_type=pytesseract.Output.DICT, timeout=time_limit_s
                )
        except EngineFailed:  # the command's way to say that there is too little text to tell
            return None
        return Script(found["script"], found["rotate"], found["orientation_conf"])


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


@contextmanager
def _command_errors() -> Iterator[None]:
    try:
        yield
    except pytesseract.TesseractNotFoundError as error:
        raise EngineUnavailable("The tesseract command is not installed.") from error
    except pytesseract.TesseractError as error:
        if error.status < 0:
            raise EngineCrashed(
                f"The tesseract command died on this page (signal {-error.status})."
            ) from error
        raise EngineFailed(f"The tesseract command refused the page: {error.message}") from error
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise DiskUnavailable("There is no room for the page's image now.") from error
    except RuntimeError as error:  # how pytesseract tells a time-out
        raise EngineTimeout("The tesseract command took longer than its limit.") from error
