"""The tesseract command's failures in our own words."""

import errno
from pathlib import Path

import pytest
from PIL import Image

from common.adapters.tesseract_command import PytesseractEngine
from common.errors import DiskUnavailable


def test_a_full_disk_is_a_passing_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", no_room)
    with pytest.raises(DiskUnavailable):
        PytesseractEngine(Path("/tessdata")).read(Image.new("L", (9, 9)), ("eng",), None, 5)
