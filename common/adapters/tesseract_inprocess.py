"""Tesseract inside this process, through tesserocr: the fast way, for child processes only."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import tesserocr
from PIL import Image

from common.adapters.tesseract_punctuation import with_own_punctuation
from common.adapters.tesseract_spacing import rejoined
from common.adapters.tesseract_tsv import blocks_from_tsv
from common.document.page import Block
from common.document.script import ENOUGH_CHARACTERS, Script
from common.document.segmentation import Segmentation
from common.domain.tesseract_variables import is_torn, variables_for
from common.errors import EngineFailed, EngineTimeout

_KEPT_MODELS: Final = 5
_OSD: Final = "osd"


class TesserocrEngine:
    """Keeps the last few language sets loaded, so that a page does not pay for loading them."""

    def __init__(self, tessdata: Path) -> None:
        self._tessdata = tessdata
        self._loaded: OrderedDict[str, tesserocr.PyTessBaseAPI] = OrderedDict()

    def read(
        self,
        image: Image.Image,
        languages: Sequence[str],
        dpi: int | None,
        time_limit_s: float,
        segmentation: Segmentation = Segmentation.PAGE,
    ) -> tuple[Block, ...]:
        """See PageEngine."""
        api = self._api("+".join(languages))
        began = time.monotonic()
        try:
            api.SetPageSegMode(segmentation)
            _show(api, image)
            if dpi is not None:
                api.SetSourceResolution(dpi)
            if not api.Recognize(max(1, int(time_limit_s * 1000))):
                if time.monotonic() - began >= time_limit_s:
                    raise EngineTimeout(f"Tesseract took longer than its limit of {time_limit_s:g} s.")
                raise EngineFailed("Tesseract refused the page.")
            blocks = blocks_from_tsv(api.GetTSVText(0))
            blocks = rejoined(blocks, api.GetUTF8Text()) if is_torn(languages) else blocks
            return with_own_punctuation(blocks)
        finally:
            api.Clear()

    def detect_script(self, image: Image.Image, time_limit_s: float) -> Script | None:
        """See PageEngine; Tesseract knows no limit for this."""
        api = self._api(_OSD)
        api.SetVariable("min_characters_to_try", str(ENOUGH_CHARACTERS))
        try:
            _show(api, image)
            found = api.DetectOrientationScript()
        finally:
            api.Clear()
        if not found:
            return None
        return Script(found["script_name"], -found["orient_deg"] % 360, found["orient_conf"])

    def _api(self, models: str) -> tesserocr.PyTessBaseAPI:
        if models not in self._loaded:
            self._loaded[models] = self._load(models)
            while len(self._loaded) > _KEPT_MODELS:
                _, oldest = self._loaded.popitem(last=False)
                oldest.End()
        self._loaded.move_to_end(models)
        return self._loaded[models]

    def _load(self, models: str) -> tesserocr.PyTessBaseAPI:
        mode = tesserocr.PSM.OSD_ONLY if models == _OSD else tesserocr.PSM.AUTO
        try:
            api = tesserocr.PyTessBaseAPI(path=f"{self._tessdata}/", lang=models, psm=mode)
        except RuntimeError as error:
            raise EngineFailed(f"Tesseract has no model for {models} in {self._tessdata}.") from error
        if models != _OSD:
            for name, value in variables_for(models.split("+")).items():
                api.SetVariable(name, value)
        return api


def _show(api: tesserocr.PyTessBaseAPI, image: Image.Image) -> None:
    """The pixels as they are: ``SetImage`` would encode the image, and decode it again."""
    width, height = image.size
    api.SetImageBytes(image.tobytes(), width, height, 1, width)
