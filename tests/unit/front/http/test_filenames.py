"""Names of files: what comes in cannot harm, what goes out is the original name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from front.http.filenames import attachment
from front.services.filenames import clean_filename


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (b"invoice.pdf", "invoice.pdf"),
        ("Übersicht 発票.pdf".encode(), "Übersicht 発票.pdf"),
        (b"../../etc/passwd", "passwd"),
        (b"C:\\Scans\\a b.png", "a b.png"),
        (b"a\r\nSet-Cookie: x.png", "aSet-Cookie: x.png"),
        (b"", "document"),
        (b"..", "document"),
        (b"x" * 500 + b".png", "x" * 196 + ".png"),
        (b"\xff\xfe.png", "\ufffd\ufffd.png"),
    ],
)
def test_a_name_is_cleaned(sent: bytes, name: str) -> None:
    assert clean_filename(sent) == name


@given(st.binary(max_size=300))
def test_a_cleaned_name_is_one_short_visible_part_of_a_path(sent: bytes) -> None:
    name = clean_filename(sent)
    assert 0 < len(name) <= 200
    assert name.isprintable()
    assert not set(name) & set("/\\")


@pytest.mark.parametrize(
    ("filename", "header"),
    [
        ("invoice.pdf", 'attachment; filename="invoice.txt"'),
        ("a.b.pdf", 'attachment; filename="a.b.txt"'),
        ("noextension", 'attachment; filename="noextension.txt"'),
        ("Ü.pdf", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%9C.txt"),
        ('a"b.pdf', "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt"),
    ],
)
def test_a_download_carries_the_original_name(filename: str, header: str) -> None:
    assert attachment(filename, "txt") == header


@given(st.text(max_size=200))
def test_a_header_holds_one_quoted_name_whatever_the_name_is(filename: str) -> None:
    header = attachment(clean_filename(filename.encode("utf-8", "replace")), "txt")
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
