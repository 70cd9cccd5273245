"""Invisible characters that turn the direction of the text after them (UAX #9, 2.1 to 2.5)."""

import re
from typing import Final

_CONTROLS: Final = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def without_direction_controls(text: str) -> str:
    """Without its end one of them turns what follows, too, and shows other text than there is.

    Formats with markup tell a direction by markup (https://www.w3.org/TR/unicode-xml/#Bidi).
    """
    return _CONTROLS.sub("", text)
