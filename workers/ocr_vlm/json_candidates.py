"""What may be the JSON object in a model's words, whatever stands around it."""

import json
import re
from collections.abc import Iterator
from typing import Final

# In linear time: answers that break off often end in something that a model said without end.
_FENCED: Final = re.compile(r"```[a-zA-Z]*+[^\S\n]*+\n(.*?)```", re.DOTALL)


def json_candidates(text: str) -> Iterator[str]:
    """Never a part of an object: that would be a whole answer of its own."""
    yield text
    yield from _FENCED.findall(text)
    start, end = text.find("{"), text.rfind("}")
    if 0 <= start < end:
        yield text[start : end + 1]
        try:
            yield text[start : json.JSONDecoder().raw_decode(text, start)[1]]
        except (ValueError, RecursionError):
            return
