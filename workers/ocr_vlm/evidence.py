"""What is known of a page before the model has looked at it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """``sure_words``: those the witness has read for certain. ``characters``: about how many there can be on
    the page, by the witness or by its ink, whichever has more. ``ink_lines``: what looks like lines.
    """

    sure_words: int = 0
    characters: int = 0
    ink_lines: int = 0
