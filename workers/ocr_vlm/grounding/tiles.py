"""Stretches of text that two readings share, wherever each of them has it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tile:
    """``length`` characters from ``ours`` on are those from ``theirs`` on."""

    ours: int
    theirs: int
    length: int


def tiles(ours: str, theirs: str, lengths: Sequence[int]) -> list[Tile]:
    """Stretches found by what is unique in both: of the first length, then among the rest of the next.

    In the order of ``ours``. (Greedy string tiling, Wise 1993, from unique seeds.)
    """
    found: list[Tile] = []
    our_taken, their_taken = bytearray(len(ours)), bytearray(len(theirs))
    for length in lengths:
        places = _unique(theirs, their_taken, length)
        for start, gram in _unique_in_order(ours, our_taken, length):
            there = places.get(gram)
            if there is None or our_taken[start] or their_taken[there]:
                continue
            if any(our_taken[start : start + length]) or any(their_taken[there : there + length]):
                continue
            tile = _grown(ours, theirs, start, there, length, our_taken, their_taken)
            our_taken[tile.ours : tile.ours + tile.length] = b"\1" * tile.length
            their_taken[tile.theirs : tile.theirs + tile.length] = b"\1" * tile.length
            found.append(tile)
    return sorted(found, key=lambda tile: tile.ours)


def _grown(
    ours: str, theirs: str, start: int, there: int, length: int, our_taken: bytearray, their_taken: bytearray
) -> Tile:
    end, their_end = start + length, there + length
    while start and there and ours[start - 1] == theirs[there - 1]:
        if our_taken[start - 1] or their_taken[there - 1]:
            break
        start, there = start - 1, there - 1
    while end < len(ours) and their_end < len(theirs) and ours[end] == theirs[their_end]:
        if our_taken[end] or their_taken[their_end]:
            break
        end, their_end = end + 1, their_end + 1
    return Tile(start, there, end - start)


def _unique_in_order(text: str, taken: bytearray, length: int) -> list[tuple[int, str]]:
    return [(start, gram) for gram, start in _unique(text, taken, length).items()]


def _unique(text: str, taken: bytearray, length: int) -> dict[str, int]:
    """Where each gram begins that is in the text once; those with anything taken do not count."""
    places: dict[str, int] = {}
    last_taken = -1
    for position, is_taken in enumerate(taken):
        if is_taken:
            last_taken = position
        start = position - length + 1
        if start > last_taken and start >= 0:
            gram = text[start : position + 1]
            places[gram] = -1 if gram in places else start
    return {gram: start for gram, start in places.items() if start >= 0}
