"""What a page paints, forms within forms included."""

from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from common.adapters import pdf_objects
from common.adapters.pdf_objects import read_painting
from common.adapters.rendering import opened_page
from tests import text_pdfs
from tests.text_pdfs import placed

PICTURE = Image.new("L", (8, 8), 0)


def page_with_form(path: Path, content: str, in_form: str) -> None:
    """/Fm0 shows ``in_form``, which may paint /Im0 and /Empty, a form."""
    path.write_bytes(text_pdfs.text_page(content, images=[PICTURE]))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        resources = pdf.pages[0].obj.Resources
        empty = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
        resources.XObject.Fm0 = pdf.make_stream(
            in_form.encode(),
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 595, 842]),
            Resources=Dictionary(XObject=Dictionary(Im0=resources.XObject.Im0, Empty=empty)),
        )
        pdf.save(path)


def picture_count(path: Path) -> int:
    with opened_page(path, 0) as page:
        return len(read_painting(page).pictures)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source.pdf"


def test_pictures_in_forms_are_found(source: Path) -> None:
    page_with_form(source, "/Fm0 Do " + placed(0, 0, 0, 50, 50), placed(0, 100, 100, 50, 50) * 2)
    assert picture_count(source) == 3


def test_objects_are_counted_for_all_the_page(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_objects, "_MOST_OBJECTS", 10)
    page_with_form(source, "/Fm0 Do " * 4, placed(0, 100, 100, 50, 50) * 4)
    assert picture_count(source) == 8


def test_empty_forms_count_too(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_objects, "_MOST_OBJECTS", 10)
    page_with_form(source, "/Fm0 Do " * 6 + placed(0, 100, 100, 50, 50), "/Empty Do")
    assert picture_count(source) == 0
