"""The measures of tables."""

from collections.abc import Sequence

from tests.eval.tables import (
    NOTHING,
    Grid,
    GridCell,
    grid_from_api,
    grid_from_truth,
    relations,
    table_accuracy,
)

CSV = "Fruit,Price\nPlum,2\nPear,3\n"


def grid(*rows: Sequence[str]) -> Grid:
    return [GridCell(text, r, c, r + 1, c + 1) for r, row in enumerate(rows) for c, text in enumerate(row)]


def test_the_same_cells_are_all_right() -> None:
    found = table_accuracy(grid_from_truth(CSV), [grid(("Fruit", "Price"), ("Plum", "2"), ("Pear", "3"))])
    assert (found.adjacency_f1, found.cell_f1) == (1.0, 1.0)


def test_blanks_case_and_punctuation_do_not_count() -> None:
    found = table_accuracy(grid_from_truth(CSV), [grid(("FRUIT:", "Pri ce"), ("plum", "2."), ("Pear", "3"))])
    assert found.adjacency_f1 == 1.0


def test_neighbours_are_found_across_blank_cells() -> None:
    assert relations(grid(("a", "", "b"))) == {("a", "b", "right"): 1}


def test_a_spanning_cell_is_above_each_cell_below_it() -> None:
    truth = grid_from_truth(
        "all,\none,two\n", '<tr><td colspan="2">all</td></tr><tr><td>one</td><td>two</td></tr>'
    )
    assert relations(truth) == {
        ("all", "one", "down"): 1,
        ("all", "two", "down"): 1,
        ("one", "two", "right"): 1,
    }


def test_html_without_blank_cells_gives_spans_and_csv_the_places() -> None:
    html = '<table><tr><td>x</td></tr><tr><td rowspan="2">a</td><td>1</td></tr><tr><td>2</td></tr></table>'
    assert list(grid_from_truth(",x\na,1\n,2\n", html)) == [
        GridCell("x", 0, 1, 1, 2),
        GridCell("a", 1, 0, 3, 1),
        GridCell("1", 1, 1, 2, 2),
        GridCell("2", 2, 1, 3, 2),
    ]


def test_half_of_the_relations_are_half_of_the_recall() -> None:
    found = table_accuracy(grid(("a", "b", "c")), [grid(("a", "b"))])
    assert found.adjacency_f1 == 2 / 3


def test_cells_moved_by_a_column_are_wrong_cells_in_right_relations() -> None:
    found = table_accuracy(grid(("a", "b"), ("c", "d")), [grid(("a", "", "b"), ("c", "", "d"))])
    assert (found.adjacency_f1, found.cell_f1) == (1.0, 0.5)


def test_blank_rows_and_columns_before_a_table_do_not_move_its_cells() -> None:
    assert table_accuracy(grid(("a", "b")), [grid(("", "", ""), ("", "a", "b"))]).cell_f1 == 1.0


def test_the_best_table_of_a_page_counts() -> None:
    assert table_accuracy(grid(("a", "b")), [grid(("x", "y")), grid(("a", "b"))]).adjacency_f1 == 1.0


def test_no_table_is_nothing() -> None:
    assert table_accuracy(grid(("a", "b")), []) == NOTHING


def test_the_spans_of_the_api_are_places() -> None:
    cell = {"row": 1, "column": 2, "row_span": 2, "column_span": 3, "text": "x", "bbox": [0, 0, 1, 1]}
    assert grid_from_api({"bbox": [0, 0, 1, 1], "cells": [cell]}) == [GridCell("x", 1, 2, 3, 5)]
