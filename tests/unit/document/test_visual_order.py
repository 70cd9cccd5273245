import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.document.visual_order import seen_order, with_brackets_turned, written_order

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


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("ABC $12.50", "$12.50 CBA"),
        ("A 50% B", "B 50% A"),
        ("A 5° B", "B 5° A"),
        ("ABC windows 10 DE.", ".ED windows 10 CBA"),
        ("A, 10 20.", ".20 10 ,A"),
    ],
)
def test_a_hebrew_line_stands_as_the_rules_say(written: str, seen: str) -> None:
    marks = [_HEBREW.get(mark, mark) for mark in written]
    back = {letter: capital for capital, letter in _HEBREW.items()}
    order = seen_order(marks, right_to_left=True)
    assert "".join(back.get(marks[index], marks[index]) for index in order) == seen


def test_a_sign_after_a_number_among_arabic_letters_is_none_of_its() -> None:
    marks = [_ARABIC.get(mark, mark) for mark in "A 50%"]
    assert [marks[index] for index in seen_order(marks, right_to_left=True)] == [*"%50 ", _ARABIC["A"]]


def test_a_combining_mark_goes_with_its_letter() -> None:
    assert seen_order(["\u05d0", "\u05b8", "a", "\u0301"], right_to_left=True) == [2, 3, 1, 0]


_NUMBERS = st.sampled_from(
    ["7", "1902", "12.50", "1,000", "12:30", "10-20", "12/03/2024", "50%", "$12.50", "€5", "-5°", "(12)"]
)
_LATIN = st.sampled_from(["a", "Open Source", "e-mail", "(abc)"])


def _words(letters: dict[str, str]) -> st.SearchStrategy[str]:
    return st.tuples(
        st.text("".join(letters.values()), min_size=1, max_size=4), st.sampled_from(["", ",", ".", "!", "?"])
    ).map("".join)


def _phrases(letters: dict[str, str]) -> st.SearchStrategy[str]:
    """Begun by a word and with words between the others: what else looks alike is not told apart."""
    between = st.one_of(_NUMBERS, _LATIN, _words(letters))
    pairs = st.lists(st.tuples(_words(letters), between).map(" ".join), min_size=1, max_size=4)
    return st.tuples(pairs.map(" ".join), _words(letters)).map(" ".join)


@given(st.one_of(_phrases(_HEBREW), _phrases(_ARABIC)))
def test_a_line_from_the_right_is_read_as_it_was_written(written: str) -> None:
    assert _there_and_back(written, right_to_left=True) == written


@given(st.one_of(_phrases(_HEBREW), _phrases(_ARABIC)).map("see {} here".format))
def test_words_from_the_right_among_others_are_read_as_they_were_written(written: str) -> None:
    assert _there_and_back(written, right_to_left=False) == written


def _there_and_back(written: str, *, right_to_left: bool) -> str:
    seen = [written[index] for index in seen_order(written, right_to_left=right_to_left)]
    return "".join(seen[index] for index in written_order(seen, right_to_left=right_to_left))
