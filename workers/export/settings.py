"""What this worker is told by its environment."""

import tempfile
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from common.runtime.settings import FleetSettings


class ExportSettings(FleetSettings):
    """The time limit is shorter than the front's wait, so that who waits from the first try on is told of it.

    Files are built at ``niceness`` (see nice(1)), so that answers to callers do not wait for them: less
    than that of pages, for which nobody holds a connection open so long. For each slot ``prefetch`` tasks are
    here in advance. The cache is shared by all workers.
    """

    model_config = SettingsConfigDict(populate_by_name=True)

    slots: int = Field(1, ge=1, validation_alias="OCR_EXPORT_SLOTS")
    prefetch: int = Field(1, ge=1, validation_alias="OCR_EXPORT_PREFETCH")
    time_limit_s: float = Field(270, gt=0, validation_alias="OCR_EXPORT_TIME_LIMIT_S")
    memory_limit_mb: int = Field(2000, ge=300, validation_alias="OCR_EXPORT_MEMORY_LIMIT_MB")
    recycle_after: int = Field(100, ge=1, validation_alias="OCR_EXPORT_RECYCLE_AFTER")
    niceness: int = Field(2, ge=0, le=19, validation_alias="OCR_EXPORT_NICENESS")
    drain_s: float = Field(25, ge=0, validation_alias="OCR_EXPORT_DRAIN_S")
    cache_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "ocr-fleet-cache")
    cache_max_mb: int = Field(4096, ge=0)
