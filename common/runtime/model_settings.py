"""Which model is asked, where and how: the settings that every worker shares that asks one."""

from typing import Final, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from common.domain.model_prices import PUBLISHED, ModelPrice
from common.runtime.settings import ProcessSettings

# Of these, one is enough to be able to ask a model.
ACCESS: Final = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL")


class ModelSettings(ProcessSettings):
    """A model is configured as soon as a key, a token or an address is set.

    ``anthropic_base_url``: of any server that speaks the Messages API; a key only where that asks for one.
    ``structured``: "schema" has the server hold the answer to the schema; "prompt" tells it to the model, for
    servers that cannot. ``timeout_s``: for one answer with all tries; ``silence_s``: for how long nothing may
    come of it; ``max_wait_s``: the longest pause before a retry, even if asked for more.
    ``prices``: as JSON, USD per million tokens, by model:
    ``{"my-model": {"input": 1, "output": 5}}``; what is not named keeps its published price.
    ``probe_s``: how often a provider that fails is tried; ``outage_s``: for how long work is held meanwhile.
    """

    model_config = SettingsConfigDict(populate_by_name=True, protected_namespaces=())

    anthropic_api_key: SecretStr | None = None
    anthropic_auth_token: SecretStr | None = None
    anthropic_base_url: str | None = Field(None, repr=False)
    model: str = Field("claude-sonnet-5-5", validation_alias="OCR_MODEL")
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = Field(
        None, validation_alias="OCR_MODEL_EFFORT"
    )
    max_tokens: int = Field(32_000, ge=1, validation_alias="OCR_MODEL_MAX_TOKENS")
    structured: Literal["schema", "prompt"] = Field("schema", validation_alias="OCR_MODEL_STRUCTURED")
    timeout_s: float = Field(600, gt=0, validation_alias="OCR_MODEL_TIMEOUT_S")
    silence_s: float = Field(120, gt=0, validation_alias="OCR_MODEL_SILENCE_S")
    tries: int = Field(4, ge=1, validation_alias="OCR_MODEL_TRIES")
    max_wait_s: float = Field(60, gt=0, validation_alias="OCR_MODEL_MAX_WAIT_S")
    probe_s: float = Field(15, gt=0, validation_alias="OCR_MODEL_PROBE_S")
    outage_s: float = Field(900, ge=0, validation_alias="OCR_MODEL_OUTAGE_S")
    slots: int = Field(8, ge=1, validation_alias="OCR_VLM_SLOTS")
    prices: dict[str, ModelPrice] = Field(default_factory=dict, validation_alias="OCR_MODEL_PRICES")

    @field_validator("prices")
    @classmethod
    def _with_published(cls, prices: dict[str, ModelPrice]) -> dict[str, ModelPrice]:
        return {**PUBLISHED, **prices}

    @property
    def is_configured(self) -> bool:
        return any((self.anthropic_api_key, self.anthropic_auth_token, self.anthropic_base_url))
