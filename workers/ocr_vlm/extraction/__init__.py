"""Extraction: values are drawn from a page by a JSON Schema, and each is looked for on the page."""

from workers.ocr_vlm.extraction.drawing import draw
from workers.ocr_vlm.extraction.placing import placed

__all__ = ["draw", "placed"]
