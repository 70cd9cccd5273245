"""What compiling a regular expression may take, told before it is compiled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.pattern_size import written_out


@pytest.mark.parametrize(
    "pattern, size",
    [
        ("abc", 3),
        ("^a{3}$", 3),
        ("a{2,5}b", 6),
        ("a{2,}", 2),
        ("(ab){10}", 20),
        ("((a{3}){4}b){5}", 65),
        ("(?P<x>a){2}", 10),
        (r"\w{4}", 200),
        (r"\p{Greek}{2}", 100),
        (r"\[{3}", 3),
        ("[a-z]{2}", 20),
        (r"[\w\]]{2}", 122),
        ("[]a]{2}", 20),
        ("a{x}", 4),
    ],
)
def test_repetitions_are_written_out(pattern: str, size: int) -> None:
    assert written_out(pattern) == size


@given(st.text(alphabet="ab\\w(){}[],^$.*+?|0123456789p- ", max_size=60))
def test_any_text_has_a_size(text: str) -> None:
    assert written_out(text) >= 0
