import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.document.geometry import (
    Box,
    Placement,
    area,
    clip,
    has_centre_of,
    part_within,
    rotate,
    scale,
    shared_area,
    union,
)

WIDTH, HEIGHT = 200, 100
LOW = (True, True, False, False)  # of a box: which edges are its lower ones


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


def test_what_boxes_share() -> None:
    box = Box(0, 0, 10, 10)
    assert shared_area(box, Box(8, 5, 20, 20)) == 10
    assert shared_area(box, Box(10, 0, 20, 10)) == shared_area(box, Box(12, 12, 20, 20)) == 0
    assert part_within(box, Box(8, 5, 20, 20)) == 0.1
    assert part_within(Box(5, 5, 5, 9), box) == area(Box(5, 5, 5, 9)) == 0
    assert has_centre_of(box, Box(5, 5, 15, 15)) and not has_centre_of(box, Box(6, 5, 15, 15))


def test_scaling_and_clipping() -> None:
    assert scale(Box(10, 10, 20, 20), 2, 0.5) == Box(20, 5, 40, 10)
    assert clip(Box(-5, 10, 300, 120), WIDTH, HEIGHT) == Box(0, 10, 200, 100)


@given(boxes(), st.sampled_from([0, 90, 180, 270]))
def test_a_placement_turns_as_the_boxes_do(box: Box, degrees: int) -> None:
    turned = Placement.unchanged((WIDTH, HEIGHT)).turned(degrees)
    assert turned.forward(box) == rotate(box, degrees, WIDTH, HEIGHT)
    assert turned.back(turned.forward(box)) == box


def test_a_placement_turns_by_quarters_only() -> None:
    with pytest.raises(ValueError, match="45"):
        Placement.unchanged((WIDTH, HEIGHT)).turned(45)


@given(boxes(), st.integers(0, 20), st.sampled_from([0, 90, 180, 270]))
def test_enlarging_framing_and_turning_are_undone_exactly(box: Box, border: int, degrees: int) -> None:
    changed = (
        Placement.unchanged((WIDTH, HEIGHT)).resized((WIDTH * 3, HEIGHT * 3)).framed(border).turned(degrees)
    )
    assert changed.back(changed.forward(box)) == box


def test_each_change_is_told_by_the_target_size() -> None:
    placement = Placement.unchanged((WIDTH, HEIGHT)).resized((400, 300)).framed(10).turned(90)
    assert (placement.source, placement.target) == ((WIDTH, HEIGHT), (320, 420))
    assert placement.forward(Box(0, 0, 1, 1)) == Box(320 - 10 - 3, 10, 320 - 10, 12)


def test_straightening_turns_clockwise_about_the_centre_and_loses_no_corner() -> None:
    straightened = Placement.unchanged((1000, 500)).straightened(5)
    assert straightened.target == (1040, 586)  # 1000 cos 5° + 500 sin 5°, 1000 sin 5° + 500 cos 5°
    left_end, right_end = Box(0, 249, 2, 251), Box(998, 249, 1000, 251)
    assert straightened.forward(left_end).y0 < 260 < 320 < straightened.forward(right_end).y0
    assert straightened.forward(Box(499, 249, 501, 251)) == pytest.approx((519, 292, 521, 294), abs=1)


@given(boxes(), st.floats(-15, 15))
def test_a_box_that_was_straightened_is_held_by_the_one_mapped_back(box: Box, degrees: float) -> None:
    """But for 4 pixels: the tips that are cut off of a box as wide as the page and one pixel high."""
    straightened = Placement.unchanged((WIDTH, HEIGHT)).straightened(degrees)
    back = straightened.back(straightened.forward(box))
    assert all(
        abs(ours - theirs) <= 4 or (ours < theirs) == low
        for ours, theirs, low in zip(back, box, LOW, strict=True)
    )


def test_the_box_of_a_slanted_line_is_about_its_ink() -> None:
    """A line 1,000 long and 40 high that slopes by 3 degrees covers about 1000 sin 3° + 40 cos 3° rows."""
    straightened = Placement.unchanged((1200, 400)).straightened(3)
    x0, y0, x1, y1 = straightened.back(Box(100, 200, 1100, 240))
    assert y1 - y0 == pytest.approx(1000 * 0.0523 + 40, abs=3)
    assert x1 - x0 == pytest.approx(1000, abs=3)


def test_a_placement_after_another_is_both_in_turn() -> None:
    first = Placement.unchanged((WIDTH, HEIGHT)).resized((WIDTH * 2, HEIGHT * 2))
    second = Placement.unchanged(first.target).framed(5)
    both = first.then(second)
    assert both.forward(Box(10, 10, 20, 20)) == Box(25, 25, 45, 45)
    assert both.back(Box(25, 25, 45, 45)) == Box(10, 10, 20, 20)


def test_what_is_beside_the_page_is_clipped() -> None:
    framed = Placement.unchanged((WIDTH, HEIGHT)).framed(10)
    assert framed.back(Box(0, 0, 30, 30)) == Box(0, 0, 20, 20)


def test_a_small_word_does_not_vanish_when_its_page_shrinks() -> None:
    halved = Placement.unchanged((WIDTH, HEIGHT)).resized((WIDTH // 4, HEIGHT // 4))
    x0, y0, x1, y1 = halved.forward(Box(9, 9, 10, 10))
    assert (x1 - x0, y1 - y0) == (1, 1)
