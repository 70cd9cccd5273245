"""Schemas that leave room for what is to come, taken by the letter: in tests nothing may come untold."""

from typing import Any


def told_exactly(document: Any) -> Any:
    """The same document, with no members in an object but those that it names."""
    if isinstance(document, list):
        return [told_exactly(item) for item in document]
    if not isinstance(document, dict):
        return document
    exact = {name: told_exactly(value) for name, value in document.items()}
    if exact.get("type") == "object" and "properties" in exact:
        exact.setdefault("additionalProperties", False)
    return exact
