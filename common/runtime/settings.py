"""Settings that every process has: the one place that reads the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FleetSettings(BaseSettings):
    """Each field is an environment variable of the same name in capitals; ``metrics_port`` 0: none."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, extra="ignore")

    amqp_url: str = Field("amqp://guest:guest@127.0.0.1:5672/ocr", repr=False)
    mongo_url: str = Field("mongodb://127.0.0.1:27017", repr=False)
    jobs_database: str = "ocr_jobs"
    blobs_database: str = "ocr_blobs"
    log_level: str = "INFO"
    metrics_address: str = "127.0.0.1"
    metrics_port: int = Field(0, ge=0, le=65535)
