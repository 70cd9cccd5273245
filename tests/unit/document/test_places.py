from hypothesis import given
from hypothesis import strategies as st

from common.document.geometry import Box
from common.document.places import Places

boxes = st.builds(
    lambda x, y, width, height: Box(x, y, x + width, y + height),
    st.integers(-50, 2000),
    st.integers(-50, 2000),
    st.integers(0, 900),
    st.integers(0, 200),
)


def distance(one: Box, other: Box) -> int:
    """The greater of those across and down; 0 of boxes that touch."""
    across = max(one.x0 - other.x1, other.x0 - one.x1)
    down = max(one.y0 - other.y1, other.y0 - one.y1)
    return max(0, across, down)


@given(st.lists(boxes, max_size=12), boxes, st.floats(0, 300))
def test_all_that_is_within_reach_is_near(known: list[Box], box: Box, reach: float) -> None:
    near = Places(known).near(box, reach)
    assert near == sorted(set(near))
    assert {index for index, each in enumerate(known) if distance(box, each) <= reach} <= set(near)


def test_of_a_full_page_only_what_is_around_a_box_is_near() -> None:
    places = Places(Box(x, y, x + 80, y + 30) for x in range(0, 3000, 100) for y in range(0, 4000, 40))
    assert len(places.boxes) == 3000
    assert 1 <= len(places.near(Box(1500, 2000, 1580, 2030))) <= 30


def test_nothing_is_near_where_nothing_is_known() -> None:
    assert list(Places([]).boxes_near(Box(0, 0, 10, 10))) == []
