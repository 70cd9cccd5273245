"""A submission as a caller words it, and what it means."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from common.contracts.tasks import Tier
from common.domain import languages, tools
from common.domain.job_parts import JobRequest, TextLayer
from common.errors import EngineUnavailable, InvalidField

_Choice = TypeVar("_Choice", bound=StrEnum)

NO_MODEL = (
    "No vision model is configured on this server, so {what} is not available: use tier=cpu, "
    "or ask the operator to configure one."
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has been received: its bytes lie at ``path``, and ``sha256`` is theirs in hex."""

    path: Path
    filename: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SubmitForm:
    """The form fields beside the file, as sent; None where a field was not."""

    tier: str | None = None
    language: str | None = None
    tool: str | None = None
    translate_to: str | None = None
    pages: str | None = None
    text_layer: str | None = None
    schema: str | None = None

    def request(self) -> JobRequest:
        """What the fields ask for. Raises InvalidField, or EngineUnavailable for what needs a model."""
        tool = tools.tool_named(self.tool) if self.tool else None
        tier = _one_of(Tier, "tier", self.tier) if self.tier else (tool.tier if tool else Tier.CPU)
        language = self.language or languages.AUTO
        models = languages.models(language)
        if tool and tool.needs_model:
            raise EngineUnavailable(NO_MODEL.format(what=f"the tool '{tool.slug}'"))
        if tier is Tier.VLM:
            raise EngineUnavailable(NO_MODEL.format(what="tier=vlm"))
        for name, value in (("translate_to", self.translate_to), ("schema", self.schema)):
            if value:
                raise EngineUnavailable(NO_MODEL.format(what=f"the field '{name}'"))
        return JobRequest(
            tier=tier,
            language=language,
            models=models,
            tool=tool.slug if tool else None,
            text_layer=_one_of(TextLayer, "text_layer", self.text_layer or TextLayer.AUTO),
        )


def _one_of(choices: type[_Choice], field: str, value: str) -> _Choice:
    try:
        return choices(value)
    except ValueError:
        raise InvalidField(field, f"Unknown {field} {value[:40]!r}: use {' or '.join(choices)}.") from None
