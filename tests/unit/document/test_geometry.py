import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.document.geometry import Box, clip, rotate, scale, union

WIDTH, HEIGHT = 200, 100


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x0, x1 = sorted(draw(st.tuples(*[st.integers(0, WIDTH)] * 2)))
    y0, y1 = sorted(draw(st.tuples(*[st.integers(0, HEIGHT)] * 2)))
    return Box(x0, y0, x1, y1)


def test_a_quarter_turn_clockwise_moves_the_top_left_to_the_top_right() -> None:
    assert rotate(Box(0, 0, 10, 5), 90, WIDTH, HEIGHT) == Box(HEIGHT - 5, 0, HEIGHT, 10)


@given(boxes(), st.sampled_from([0, 90, 180, 270]))
def test_turning_back_restores_a_box(box: Box, degrees: int) -> None:
    turned = (HEIGHT, WIDTH) if degrees in (90, 270) else (WIDTH, HEIGHT)
    assert rotate(rotate(box, degrees, WIDTH, HEIGHT), -degrees, *turned) == box


def test_a_page_turns_by_quarters_only() -> None:
    with pytest.raises(ValueError, match="45"):
        rotate(Box(0, 0, 1, 1), 45, WIDTH, HEIGHT)


@given(boxes(), boxes())
def test_a_union_holds_its_parts(one: Box, other: Box) -> None:
    both = union([one, other])
    assert both.x0 == min(one.x0, other.x0) and both.y1 == max(one.y1, other.y1)
    assert union([]) == Box(0, 0, 0, 0)


def test_scaling_and_clipping() -> None:
    assert scale(Box(10, 10, 20, 20), 2, 0.5) == Box(20, 5, 40, 10)
    assert clip(Box(-5, 10, 300, 120), WIDTH, HEIGHT) == Box(0, 10, 200, 100)
