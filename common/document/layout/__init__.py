"""How a page is laid out: from lines to blocks in reading order, each with its role."""

from common.document.layout.arrangement import arrange

__all__ = ["arrange"]
