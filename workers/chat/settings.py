"""What this worker is told by its environment, besides which model it asks."""

import tempfile
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from common.runtime.settings import FleetSettings


class ChatSettings(FleetSettings):
    """``slots`` questions are in hand at once, and for each slot ``prefetch`` are here in advance; what takes
    the processor is done in ``children`` processes, each task of theirs within ``document_limit_s``. With all
    that is done for it, a question may take ``time_limit_s``; ``outage_s``: for how long it waits for a model
    that is away, as a person waits for it.

    ``context_tokens``: what of a document is shown to the model at most, with the turns before.
    ``citations``: "native" where the model's server has document blocks and cites them; "prose" for others,
    whose model is shown the pages as text and told to name them.
    """

    model_config = SettingsConfigDict(populate_by_name=True)

    slots: int = Field(4, ge=1, validation_alias="OCR_CHAT_SLOTS")
    prefetch: int = Field(1, ge=1, validation_alias="OCR_CHAT_PREFETCH")
    children: int = Field(1, ge=1, validation_alias="OCR_CHAT_CHILDREN")
    time_limit_s: float = Field(240, gt=0, validation_alias="OCR_CHAT_TIME_LIMIT_S")
    document_limit_s: float = Field(120, gt=0, validation_alias="OCR_CHAT_DOCUMENT_LIMIT_S")
    outage_s: float = Field(20, ge=0, validation_alias="OCR_CHAT_OUTAGE_S")
    context_tokens: int = Field(150_000, ge=1000, validation_alias="OCR_CHAT_CONTEXT_TOKENS")
    max_tokens: int = Field(4096, ge=1, validation_alias="OCR_CHAT_MAX_TOKENS")
    citations: Literal["native", "prose"] = Field("native", validation_alias="OCR_CHAT_CITATIONS")
    memory_limit_mb: int = Field(2000, ge=300, validation_alias="OCR_CHAT_MEMORY_LIMIT_MB")
    recycle_after: int = Field(1000, ge=1, validation_alias="OCR_CHAT_RECYCLE_AFTER")
    drain_s: float = Field(25, ge=0, validation_alias="OCR_CHAT_DRAIN_S")
    cache_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "ocr-fleet-cache")
    cache_max_mb: int = Field(4096, ge=0)
