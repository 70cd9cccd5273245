"""Presets that callers name by a slug: each sets the tier and what is made of the text."""

from dataclasses import dataclass

from common.contracts.tasks import Tier
from common.errors import InvalidField

A_MODEL = "a vision or language model, and none is configured on this server"

EXTRACT_TABLES = "extract-tables"


@dataclass(frozen=True, slots=True)
class Tool:
    """``download``: the format that its users come for. ``lacks``: what this server would need for it and
    does not have; ``translates``: needs a target.
    """

    slug: str
    tier: Tier
    description: str
    download: str
    lacks: str | None = None
    translates: bool = False


TOOLS = {
    tool.slug: tool
    for tool in (
        Tool("image-to-text", Tier.CPU, "The text of a picture or scan.", "txt"),
        Tool(
            "pdf-to-text",
            Tier.CPU,
            "The text of a PDF: its own where it can be trusted, else recognised.",
            "txt",
        ),
        Tool("pdf-to-markdown", Tier.CPU, "Markdown with headings, lists and tables.", "md"),
        Tool("pdf-to-word", Tier.CPU, "A Word document that can be edited.", "docx"),
        Tool(
            "searchable-pdf",
            Tier.CPU,
            "The pages as they were sent, with their words to search and copy.",
            "pdf",
        ),
        Tool(EXTRACT_TABLES, Tier.CPU, "Tables: looks harder for them, and puts them first.", "csv"),
        Tool("handwriting-to-text", Tier.VLM, "The text of handwriting.", "txt", lacks=A_MODEL),
        Tool("math-to-latex", Tier.VLM, "Text with its formulas in LaTeX.", "md", lacks=A_MODEL),
        Tool("receipt-to-json", Tier.VLM, "What a receipt says, as fields.", "json", lacks=A_MODEL),
        Tool("invoice-to-json", Tier.VLM, "What an invoice says, as fields.", "json", lacks=A_MODEL),
        Tool(
            "translate-image",
            Tier.CPU,
            "The text of a picture, translated.",
            "txt",
            lacks=A_MODEL,
            translates=True,
        ),
        Tool(
            "translate-pdf", Tier.CPU, "The text of a PDF, translated.", "txt", lacks=A_MODEL, translates=True
        ),
        Tool("translate", Tier.CPU, "Any file's text, translated.", "txt", lacks=A_MODEL, translates=True),
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
