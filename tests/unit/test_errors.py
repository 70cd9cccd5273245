"""What an error says: the first line of its class's words."""

from collections.abc import Iterator

import pytest

from common.errors import FleetError


def kinds(kind: type[FleetError] = FleetError) -> Iterator[type[FleetError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from kinds(one)


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: kind.__name__)
def test_the_first_line_is_a_whole_sentence(kind: type[FleetError]) -> None:
    first, *_ = (kind.__doc__ or "").strip().splitlines()
    assert first.endswith((".", "?", "!"))
