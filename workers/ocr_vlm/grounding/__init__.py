"""Grounding: the words of a model that gives no boxes are found on the page, and judged by what is there."""

from workers.ocr_vlm.grounding.grounding import ground
from workers.ocr_vlm.grounding.ink_line import InkLine

__all__ = ["InkLine", "ground"]
