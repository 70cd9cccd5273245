"""Settings that every process has: the one place that reads the environment, and secrets from files."""

import os
from pathlib import Path
from typing import Any, Final

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

# Names the folder of secrets; the default is where Compose puts them.
SECRETS_DIR: Final = "SECRETS_DIR"
_SECRETS_FOLDER: Final = "/run/secrets"


class ProcessSettings(BaseSettings):
    """Each field is an environment variable, or else a file of its name, in either case, in ``SECRETS_DIR``.

    A file keeps what it holds out of ``docker inspect`` and of the environment. An empty one is none.
    """

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        folder = Path(os.environ.get(SECRETS_DIR) or _SECRETS_FOLDER)
        files = (_SecretFiles(settings_cls, folder),) if folder.is_dir() else ()
        return (init_settings, env_settings, *files)


class _SecretFiles(SecretsSettingsSource):
    def __call__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__call__().items() if value != ""}


class FleetSettings(ProcessSettings):
    """Each field is an environment variable of the same name in capitals; ``metrics_port`` 0: none.

    Without an ``otlp_endpoint`` nothing is traced.
    """

    amqp_url: str = Field("amqp://guest:guest@127.0.0.1:5672/ocr", repr=False)
    mongo_url: str = Field("mongodb://127.0.0.1:27017", repr=False)
    jobs_database: str = "ocr_jobs"
    blobs_database: str = "ocr_blobs"
    log_level: str = "INFO"
    metrics_address: str = "127.0.0.1"
    metrics_port: int = Field(0, ge=0, le=65535)
    otlp_endpoint: str = Field("", validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
