"""A submission as a caller words it, and what it means."""

import difflib
import re
from collections.abc import Sequence
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
from front.services.answer_schema import checked_schema

_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
_Choice = TypeVar("_Choice", bound=StrEnum)

FILE_FIELD = "file"
_NEAREST = 2
_SHOWN = 40

NO_MODEL = (
    "{what} needs a model, and none is configured on this server: {instead}, or have its operator set "
    "ANTHROPIC_API_KEY or ANTHROPIC_BASE_URL."
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

    def request(self, *, has_model: bool) -> JobRequest:
        """What the fields ask for. Raises InvalidField, and EngineUnavailable for what takes a model where
        the server has none.
        """
        tool = tools.tool_named(self.tool) if self.tool else None
        tier = _one_of(Tier, "tier", self.tier) if self.tier else (tool.tier if tool else Tier.CPU)
        language = self.language or languages.AUTO
        models = languages.models(language)
        translate_to = languages.target(self.translate_to) if self.translate_to else None
        extract = checked_schema(self.schema) if self.schema else (tool.extract if tool else None)
        if tool and tool.translates and not translate_to:
            raise _no_target(tool)
        if extract and tier is not Tier.VLM:
            raise _no_vision(tool)
        if not has_model:
            self._check_needs_none(tier, tool)
        return JobRequest(
            tier=tier,
            language=language,
            models=models,
            tool=tool.slug if tool else None,
            text_layer=_one_of(TextLayer, "text_layer", self.text_layer or TextLayer.AUTO),
            translate_to=translate_to,
            extract=extract,
        )

    def affordable_pages(self, page_count: int, credits_per_page: int) -> int:
        """How many of the pages may be read for what the caller wants to spend.

        Raises InvalidField where that is not even one.
        """
        if not self.max_cost:
            return page_count
        if not _WHOLE_NUMBER.fullmatch(self.max_cost):
            raise InvalidField("max_cost", f"max_cost is a number of credits, not {self.max_cost[:40]!r}.")
        affordable = int(self.max_cost) // credits_per_page if credits_per_page else page_count
        if not affordable:
            raise InvalidField(
                "max_cost",
                f"One page costs {in_words(credits_per_page)}, more than the max_cost of {self.max_cost}: "
                "raise it.",
            )
        return min(page_count, affordable)

    def _check_needs_none(self, tier: Tier, tool: Tool | None) -> None:
        """Raises EngineUnavailable for the first thing that takes a model."""
        if tool and tool.needs_model and not (tier is Tier.CPU and not tool.translates):
            instead = "see GET /api/v1/tools/ for what is available"
            raise EngineUnavailable(NO_MODEL.format(what=f"The tool '{tool.slug}'", instead=instead))
        if tier is Tier.VLM:
            raise EngineUnavailable(NO_MODEL.format(what="tier=vlm", instead="use tier=cpu"))
        if self.translate_to:
            raise EngineUnavailable(NO_MODEL.format(what="The field 'translate_to'", instead="leave it out"))


def _no_target(tool: Tool) -> InvalidField:
    return InvalidField(
        "translate_to",
        f"The tool '{tool.slug}' needs a target language: add translate_to, such as translate_to=de.",
    )


def _no_vision(tool: Tool | None) -> InvalidField:
    what = f"The tool '{tool.slug}'" if tool and tool.extract else "The field 'schema'"
    return InvalidField("tier", f"{what} takes a vision model: send tier=vlm with it.")


FIELDS = frozenset(field.name for field in fields(SubmitForm))
FORM = (FILE_FIELD, *(field.name for field in fields(SubmitForm)))


def unknown_field(name: str, known: Sequence[str] = FORM, kind: str = "field") -> UnknownField:
    """What to tell of a field that means nothing here, a slip most likely: the nearest, and all there are."""
    shown = name[:_SHOWN]
    nearest = difflib.get_close_matches(shown.strip().lower(), known, n=_NEAREST)
    hint = f": did you mean {' or '.join(map(repr, nearest))}?" if nearest else "."
    return UnknownField(shown, f"Unknown {kind} {shown!r}{hint} The {kind}s are {', '.join(known)}.")


def _one_of(choices: type[_Choice], field: str, value: str) -> _Choice:
    try:
        return choices(value)
    except ValueError:
        raise InvalidField(field, f"Unknown {field} {value[:40]!r}: use {' or '.join(choices)}.") from None
