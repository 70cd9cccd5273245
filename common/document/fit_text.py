"""Text of others that can be kept and sent: models say what has no place in UTF-8."""

import re
from typing import Final

# Controls but tab and line feed, and halves of surrogate pairs.
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def fit(text: str) -> str:
    """The text without them."""
    return _UNFIT.sub("", text)
