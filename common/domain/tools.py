"""Presets that callers name by a slug: each sets the tier and what is made of the text."""

from dataclasses import dataclass

from common.contracts.tasks import Focus, Tier
from common.domain.extraction_schemas import INVOICE, RECEIPT
from common.errors import InvalidField

EXTRACT_TABLES = "extract-tables"


@dataclass(frozen=True, slots=True)
class Tool:
    """``download``: the format that its users come for. ``focus``: what a vision model is to look at most
    closely; ``extract``: the JSON Schema of the values it draws; ``translates``: needs a target.
    """

    slug: str
    tier: Tier
    description: str
    download: str
    focus: Focus | None = None
    extract: str | None = None
    translates: bool = False

    @property
    def needs_model(self) -> bool:
        return self.tier is Tier.VLM or self.translates


def _translating(slug: str, description: str) -> Tool:
    return Tool(slug, Tier.CPU, description, "txt", translates=True)


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
        Tool("handwriting-to-text", Tier.VLM, "The text of handwriting.", "txt", focus=Focus.HANDWRITING),
        Tool("math-to-latex", Tier.VLM, "Text with its formulas in LaTeX.", "md", focus=Focus.MATHEMATICS),
        Tool("receipt-to-json", Tier.VLM, "What a receipt says, as fields.", "json", extract=RECEIPT),
        Tool("invoice-to-json", Tier.VLM, "What an invoice says, as fields.", "json", extract=INVOICE),
        _translating("translate-image", "The text of a picture, translated."),
        _translating("translate-pdf", "The text of a PDF, translated."),
        _translating("translate", "Any file's text, translated."),
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


def focus(slug: str | None) -> Focus | None:
    """What the preset called ``slug`` has a vision model look at most closely."""
    return TOOLS[slug].focus if slug else None
