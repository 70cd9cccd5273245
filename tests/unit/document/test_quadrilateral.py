from common.document.geometry import Box
from common.document.quadrilateral import Quad, between, bounds, corners


def test_an_upright_box_has_its_own_bounds():
    assert bounds(corners(Box(3, 4, 50, 20))) == Box(3, 4, 50, 20)


def test_the_bounds_of_a_slanting_line_hold_all_its_corners():
    assert bounds(Quad((0, 10), (100, 0), (100, 20), (0, 30))) == Box(0, 0, 100, 30)


def test_a_part_of_a_slanting_line_slants_with_it():
    part = between(Quad((0, 0), (100, 10), (100, 30), (0, 20)), 0.5, 1.0)
    assert part == Quad((50, 5), (100, 10), (100, 30), (50, 25))
