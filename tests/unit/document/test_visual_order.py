import pytest

from common.document.visual_order import with_brackets_turned, written_order

_HEBREW = {chr(ord("A") + index): chr(0x05D0 + index) for index in range(20)}
_ARABIC = {chr(ord("A") + index): chr(0x0628 + index) for index in range(18)}


def _written(seen: str, letters: dict[str, str], *, right_to_left: bool = True) -> str:
    """Capitals stand for right-to-left letters, as in the examples of UAX #9."""
    marks = [letters.get(mark, mark) for mark in seen]
    order = written_order(marks, right_to_left=right_to_left)
    back = {letter: capital for capital, letter in letters.items()}
    return "".join(back.get(mark, mark) for mark in with_brackets_turned([marks[index] for index in order]))


@pytest.mark.parametrize(
    ("seen", "written"),
    [
        (".1902 FO", "OF 1902."),
        (".ED windows 10 CBA", "ABC windows 10 DE."),
        ("FED (CBA) A", "A (ABC) DEF"),
        ("FED abc (def) CBA", "ABC abc (def) DEF"),
        ("B 10-20 A", "A 10-20 B"),
        ("B 50% A", "A 50% B"),
        ("B 1,000.50 ,A", "A, 1,000.50 B"),
        ("B 12/03/2024 A", "A 12/03/2024 B"),
        (")12( CBA", "ABC (12)"),
    ],
)
def test_a_hebrew_line_is_put_in_the_order_of_writing(seen: str, written: str) -> None:
    assert _written(seen, _HEBREW) == written


@pytest.mark.parametrize(("seen", "written"), [("B 20-10 A", "A 10-20 B"), ("B %50 A", "A 50% B")])
def test_numbers_among_arabic_letters_follow_the_arabic_rules(seen: str, written: str) -> None:
    assert _written(seen, _ARABIC) == written


@pytest.mark.parametrize(
    ("seen", "written"),
    [
        ("see FED 12 CBA here", "see ABC 12 DEF here"),
        ("see FED 12 here", "see DEF 12 here"),
        ("see 12 FED here", "see 12 DEF here"),
        ("(FED CBA).", "(ABC DEF)."),
    ],
)
def test_right_to_left_words_in_a_line_from_the_left_are_turned_alone(seen: str, written: str) -> None:
    assert _written(seen, _HEBREW, right_to_left=False) == written


@pytest.mark.parametrize(
    ("named", "turned"),
    [
        ("a )b( c", "a (b) c"),
        (".)b(,", ".(b),"),  # letters tell where there are no blanks
        ("a )-5% ( b", "a (-5% ( b"),  # else blanks do, but not one on either side
        ("-(-", "-(-"),
    ],
)
def test_brackets_face_what_they_stand_beside(named: str, turned: str) -> None:
    assert "".join(with_brackets_turned(list(named))) == turned
