"""What the front is told by its environment."""

import tempfile
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from common.runtime.settings import FleetSettings

_SHIPPED_PLANS = Path(__file__).resolve().parents[1] / "deploy" / "plans.toml"


class FrontSettings(FleetSettings):
    """``reuse_port`` lets several fronts of one machine share the port.

    A download is held for ``export_wait_s`` while its file is built, a question for ``answer_wait_s`` while
    it is answered: longer than that may take.
    Uploads under way at this front take ``spool_max_mb`` at most, of one account a quarter of that.
    An upload may take ``body_timeout_s`` plus the time that its size needs at ``min_upload_rate``
    bytes a second; a connection without a request is closed after ``idle_timeout_s``. For ``recovery_…``
    see ``front.services.recovery.Patience``. Credits that are set aside for longer than
    ``stray_credits_s`` are looked after so often. ``trusted_hops`` proxies in front of this one have each
    added to ``X-Forwarded-For`` whom they were asked by. A /48 of IPv6 counts as ``clients_per_site``
    addresses at most. With ``sign_up`` anybody may make an account, of
    one address up to ``sign_ups_per_day``. ``…_per_address``: in a minute, requests that take
    no account, and tokens that are nobody's. The cache may be shared with workers.
    A job that is to go once it is fetched goes ``fetched_grace_s`` after that; what is stored of a job is
    deleted ``last_call_s`` after its time is over, which is longer than ``retention_sweep_s``.
    The result of a partner's job is told itself up to ``inline_result_bytes``, else by its address under
    ``public_url``. Of each partner, up to ``partner_jobs`` are under way at once, the others wait in its
    intake queue; 0: one fewer than pages can be read at once.
    ``tracking_prefetch`` results at most are here at once, until they are recorded.
    ``model_configured``: there are workers that can ask a model, so what takes one is accepted.
    """

    model_config = SettingsConfigDict(populate_by_name=True)

    front_address: str = "127.0.0.1"
    front_port: int = 8080
    reuse_port: bool = Field(False, validation_alias="FRONT_REUSE_PORT")
    spool_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "ocr-fleet-spool")
    spool_max_mb: int = Field(8192, ge=1)
    uploads_per_account: int = Field(100, ge=1, validation_alias="FRONT_UPLOADS_PER_ACCOUNT")
    inline_wait_s: float = Field(60, ge=0, validation_alias="FRONT_INLINE_WAIT_S")
    body_timeout_s: float = Field(60, gt=0, validation_alias="FRONT_BODY_TIMEOUT_S")
    min_upload_rate: int = Field(32 * 1024, gt=0, validation_alias="FRONT_MIN_UPLOAD_RATE")
    idle_timeout_s: float = Field(75, gt=0, validation_alias="FRONT_IDLE_TIMEOUT_S")
    export_wait_s: float = Field(300, ge=0, validation_alias="OCR_EXPORT_WAIT_S")
    answer_wait_s: float = Field(300, ge=0, validation_alias="OCR_CHAT_WAIT_S")
    tracking_prefetch: int = Field(64, ge=1, validation_alias="FRONT_TRACKING_PREFETCH")
    drain_s: float = Field(20, ge=0, validation_alias="FRONT_DRAIN_S")
    inspection_slots: int = Field(2, ge=1, validation_alias="FRONT_INSPECTION_SLOTS")
    inspection_memory_limit_mb: int = Field(1500, ge=256, validation_alias="FRONT_INSPECTION_MEMORY_LIMIT_MB")
    inspection_time_limit_s: float = Field(30, gt=0, validation_alias="FRONT_INSPECTION_TIME_LIMIT_S")
    recovery_sweep_s: float = Field(5, gt=0, validation_alias="FRONT_RECOVERY_SWEEP_S")
    recovery_outstanding_s: float = Field(30, gt=0, validation_alias="FRONT_RECOVERY_OUTSTANDING_S")
    recovery_sent_s: float = Field(2400, gt=0, validation_alias="FRONT_RECOVERY_SENT_S")
    recovery_draft_s: float = Field(600, gt=0, validation_alias="FRONT_RECOVERY_DRAFT_S")
    stray_credits_s: float = Field(3600, gt=0, validation_alias="FRONT_STRAY_CREDITS_S")
    plans_file: Path = Field(_SHIPPED_PLANS, validation_alias="OCR_PLANS_FILE")
    anonymous: bool = Field(True, validation_alias="FRONT_ANONYMOUS")
    sign_up: bool = Field(False, validation_alias="FRONT_SIGN_UP")
    sign_ups_per_day: int = Field(3, ge=1, validation_alias="FRONT_SIGN_UPS_PER_DAY")
    clients_per_site: int = Field(16, ge=1, validation_alias="FRONT_CLIENTS_PER_SITE")
    trusted_hops: int = Field(0, ge=0, validation_alias="FRONT_TRUSTED_HOPS")
    requests_per_address: int = Field(600, ge=1, validation_alias="FRONT_REQUESTS_PER_ADDRESS")
    wrong_tokens_per_address: int = Field(1_200, ge=1, validation_alias="FRONT_WRONG_TOKENS_PER_ADDRESS")
    streams_per_account: int = Field(20, ge=1, validation_alias="FRONT_STREAMS_PER_ACCOUNT")
    downloads_per_account: int = Field(50, ge=1, validation_alias="FRONT_DOWNLOADS_PER_ACCOUNT")
    page_image_time_limit_s: float = Field(20, gt=0, validation_alias="FRONT_PAGE_IMAGE_TIME_LIMIT_S")
    inline_result_bytes: int = Field(
        1024 * 1024, ge=0, le=8 * 1024 * 1024, validation_alias="FRONT_INLINE_RESULT_BYTES"
    )
    public_url: str = Field("", validation_alias="FRONT_PUBLIC_URL")
    partner_jobs: int = Field(0, ge=0, validation_alias="FRONT_PARTNER_JOBS")
    cache_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "ocr-fleet-cache")
    cache_max_mb: int = Field(4096, ge=0)
    model_configured: bool = Field(False, validation_alias="FRONT_MODEL_CONFIGURED")
    fetched_grace_s: float = Field(60, ge=0, validation_alias="FRONT_FETCHED_GRACE_S")
    last_call_s: float = Field(30, ge=0, validation_alias="FRONT_LAST_CALL_S")
    retention_sweep_s: float = Field(15, gt=0, validation_alias="FRONT_RETENTION_SWEEP_S")
