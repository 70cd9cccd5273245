"""Presets that callers name by a slug: each sets the tier and what is made of the text."""

from dataclasses import dataclass

from common.contracts.tasks import Tier
from common.errors import InvalidField


@dataclass(frozen=True, slots=True)
class Tool:
    """``needs_model``: a vision or language model must be configured for it."""

    slug: str
    tier: Tier
    needs_model: bool = False


TOOLS = {
    tool.slug: tool
    for tool in (
        Tool("image-to-text", Tier.CPU),
        Tool("pdf-to-text", Tier.CPU),
        Tool("pdf-to-markdown", Tier.CPU),
        Tool("pdf-to-word", Tier.CPU),
        Tool("searchable-pdf", Tier.CPU),
        Tool("extract-tables", Tier.CPU),
        Tool("handwriting-to-text", Tier.VLM, needs_model=True),
        Tool("math-to-latex", Tier.VLM, needs_model=True),
        Tool("receipt-to-json", Tier.VLM, needs_model=True),
        Tool("invoice-to-json", Tier.VLM, needs_model=True),
        Tool("translate-image", Tier.CPU, needs_model=True),
        Tool("translate-pdf", Tier.CPU, needs_model=True),
        Tool("translate", Tier.CPU, needs_model=True),
    )
}


def tool_named(slug: str) -> Tool:
    """The preset called ``slug``. Raises InvalidField, naming all that there are, for any other."""
    try:
        return TOOLS[slug]
    except KeyError:
        raise InvalidField(
            "tool", f"Unknown tool {slug[:40]!r}: use one of {', '.join(sorted(TOOLS))}."
        ) from None
