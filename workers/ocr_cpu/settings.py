"""What this worker is told by its environment."""

import tempfile
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from common.runtime.settings import FleetSettings


class OcrCpuSettings(FleetSettings):
    """One process with one slot per core serves a machine best; the cache is shared by all of them.
    For each slot ``prefetch`` pages of each queue are here in advance.

    Pages are read at ``niceness`` (see nice(1)), so that answers to callers do not wait for them.
    ``tessdata_prefix`` is the folder of Tesseract's models; the tesseract command knows its own.
    ``second_reader``: read again with PP-OCR what Tesseract is unsure of, or never.
    """

    model_config = SettingsConfigDict(populate_by_name=True)

    slots: int = Field(1, ge=1, validation_alias="OCR_CPU_SLOTS")
    prefetch: int = Field(1, ge=1, validation_alias="OCR_CPU_PREFETCH")
    page_time_limit_s: float = Field(120, gt=0, validation_alias="OCR_CPU_PAGE_TIME_LIMIT_S")
    memory_limit_mb: int = Field(2000, ge=300, validation_alias="OCR_CPU_MEMORY_LIMIT_MB")
    recycle_after_pages: int = Field(1000, ge=1, validation_alias="OCR_CPU_RECYCLE_AFTER_PAGES")
    niceness: int = Field(5, ge=0, le=19, validation_alias="OCR_CPU_NICENESS")
    drain_s: float = Field(25, ge=0, validation_alias="OCR_CPU_DRAIN_S")
    cache_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "ocr-fleet-cache")
    cache_max_mb: int = Field(4096, ge=0)
    tessdata_prefix: Path | None = None
    second_reader: Literal["auto", "off"] = Field("auto", validation_alias="OCR_CPU_SECOND_READER")
