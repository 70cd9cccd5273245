"""A submission as a caller words it, and what it means."""

import difflib
import re
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from common.contracts.tasks import TextLayer, Tier
from common.domain import languages, tools
from common.domain.credits import in_words
from common.domain.job_parts import JobRequest
from common.domain.tools import Tool
from common.errors import EngineUnavailable, InvalidField, UnknownField

_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
_Choice = TypeVar("_Choice", bound=StrEnum)

FILE_FIELD = "file"
_NEAREST = 2

NO_MODEL = (
    "{what} needs a model, and none is configured on this server: {instead}, or ask its operator for one."
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
    max_cost: str | None = None
    retention: str | None = None

    def request(self) -> JobRequest:
        """What the fields ask for. Raises InvalidField, and EngineUnavailable for what this server lacks."""
        tool = tools.tool_named(self.tool) if self.tool else None
        tier = _one_of(Tier, "tier", self.tier) if self.tier else (tool.tier if tool else Tier.CPU)
        language = self.language or languages.AUTO
        models = languages.models(language)
        if self.retention:
            raise InvalidField("retention", "This version keeps every job for 24 hours: leave the field out.")
        if tool:
            self._check_tool(tool)
        if tier is Tier.VLM:
            raise EngineUnavailable(NO_MODEL.format(what="tier=vlm", instead="use tier=cpu"))
        for name, value in (("translate_to", self.translate_to), ("schema", self.schema)):
            if value:
                what = f"The field '{name}'"
                raise EngineUnavailable(NO_MODEL.format(what=what, instead="leave it out"))
        return JobRequest(
            tier=tier,
            language=language,
            models=models,
            tool=tool.slug if tool else None,
            text_layer=_one_of(TextLayer, "text_layer", self.text_layer or TextLayer.AUTO),
        )

    def check_cost(self, credits: int) -> None:
        """Raises InvalidField when the job would cost more than the caller wants to spend."""
        if not self.max_cost:
            return
        if not _WHOLE_NUMBER.fullmatch(self.max_cost):
            raise InvalidField("max_cost", f"max_cost is a number of credits, not {self.max_cost[:40]!r}.")
        if credits > int(self.max_cost):
            raise InvalidField(
                "max_cost",
                f"The job would cost {in_words(credits)}, more than the max_cost of {self.max_cost}: "
                "raise it, or choose fewer pages.",
            )

    def _check_tool(self, tool: Tool) -> None:
        if tool.translates and not self.translate_to:
            raise InvalidField(
                "translate_to",
                f"The tool '{tool.slug}' needs a target language: add translate_to, such as translate_to=de.",
            )
        if tool.lacks:
            raise EngineUnavailable(
                f"The tool '{tool.slug}' needs {tool.lacks}: see GET /api/v1/tools/ for what is available."
            )


FIELDS = frozenset(field.name for field in fields(SubmitForm))


def unknown_field(name: str) -> UnknownField:
    """What to tell of a field that means nothing here, a slip most likely: the nearest, and all there are."""
    known = [FILE_FIELD, *(field.name for field in fields(SubmitForm))]
    nearest = difflib.get_close_matches(name[:40].strip().lower(), known, n=_NEAREST)
    hint = f"did you mean {' or '.join(map(repr, nearest))}? " if nearest else ""
    return UnknownField(name[:40], f"Unknown field {name[:40]!r}: {hint}The fields are {', '.join(known)}.")


def _one_of(choices: type[_Choice], field: str, value: str) -> _Choice:
    try:
        return choices(value)
    except ValueError:
        raise InvalidField(field, f"Unknown {field} {value[:40]!r}: use {' or '.join(choices)}.") from None
