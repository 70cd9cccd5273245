"""What this worker is told by its environment, besides which model it asks."""

import os
import tempfile
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from common.runtime.settings import FleetSettings


class OcrVlmSettings(FleetSettings):
    """``slots`` pages wait for the model at once, and for each slot ``prefetch`` of each queue are here in
    advance; what takes the processor is done in ``children`` processes.

    ``page_time_limit_s`` is for what is done here, not for the model's answers; with them, a page or its
    translation may take ``task_limit_s``. A page is shown to the model
    with at most ``max_edge_px`` along its longer side and ``max_pixels`` in all: what the sharpest-eyed of
    Anthropic's models see. Others scale it down themselves, at no price; smaller pages cost fewer tokens.
    """

    model_config = SettingsConfigDict(populate_by_name=True)

    slots: int = Field(8, ge=1, validation_alias="OCR_VLM_SLOTS")
    prefetch: int = Field(1, ge=1, validation_alias="OCR_VLM_PREFETCH")
    children: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, validation_alias="OCR_VLM_CHILDREN"
    )
    page_time_limit_s: float = Field(120, gt=0, validation_alias="OCR_VLM_PAGE_TIME_LIMIT_S")
    task_limit_s: float = Field(1200, gt=0, validation_alias="OCR_VLM_TASK_LIMIT_S")
    memory_limit_mb: int = Field(2000, ge=300, validation_alias="OCR_VLM_MEMORY_LIMIT_MB")
    recycle_after_pages: int = Field(1000, ge=1, validation_alias="OCR_VLM_RECYCLE_AFTER_PAGES")
    niceness: int = Field(5, ge=0, le=19, validation_alias="OCR_VLM_NICENESS")
    drain_s: float = Field(25, ge=0, validation_alias="OCR_VLM_DRAIN_S")
    max_edge_px: int = Field(2576, ge=200, le=8000, validation_alias="OCR_VLM_MAX_EDGE_PX")
    max_pixels: int = Field(3_750_000, ge=40_000, validation_alias="OCR_VLM_MAX_PIXELS")
    cache_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "ocr-fleet-cache")
    cache_max_mb: int = Field(4096, ge=0)
    tessdata_prefix: Path | None = None
