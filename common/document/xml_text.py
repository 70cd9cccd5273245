"""Texts as XML may hold them."""

import re
from typing import Final

from common.document.direction_controls import without_direction_controls

# All but the characters of XML 1.0 (https://www.w3.org/TR/xml/#charsets): controls, halves of surrogate
# pairs, U+FFFE and U+FFFF.
_ILLEGAL: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """``text`` without what no XML document may hold, escaped or not, and what its markup does better."""
    return without_direction_controls(_ILLEGAL.sub("", text))
