"""Presets that callers name by a slug: each sets the tier and what is made of the text."""

from dataclasses import dataclass

from common.contracts.tasks import Tier
from common.errors import InvalidField

A_MODEL = "a vision or language model, and none is configured on this server"

EXTRACT_TABLES = "extract-tables"


@dataclass(frozen=True, slots=True)
class Tool:
    """``lacks``: what this server would need for it and does not have; ``translates``: needs a target."""

    slug: str
    tier: Tier
    lacks: str | None = None
    translates: bool = False


TOOLS = {
    tool.slug: tool
    for tool in (
        Tool("image-to-text", Tier.CPU),
        Tool("pdf-to-text", Tier.CPU),
        Tool("pdf-to-markdown", Tier.CPU),
        Tool("pdf-to-word", Tier.CPU),
        Tool("searchable-pdf", Tier.CPU),
        Tool(EXTRACT_TABLES, Tier.CPU),
        Tool("handwriting-to-text", Tier.VLM, lacks=A_MODEL),
        Tool("math-to-latex", Tier.VLM, lacks=A_MODEL),
        Tool("receipt-to-json", Tier.VLM, lacks=A_MODEL),
        Tool("invoice-to-json", Tier.VLM, lacks=A_MODEL),
        Tool("translate-image", Tier.CPU, lacks=A_MODEL, translates=True),
        Tool("translate-pdf", Tier.CPU, lacks=A_MODEL, translates=True),
        Tool("translate", Tier.CPU, lacks=A_MODEL, translates=True),
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
