"""What cannot be served is refused with a 400 that says why and what would do."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import files
from tests.client import JOBS, Client
from tests.pages import blank_page, numbered_pages, scan
from tests.system.judging import check_problem

PAGE = numbered_pages(1)[0].image
IMAGE = files.png(PAGE)
PDF = files.scanned_pdf([PAGE, PAGE])
MEGABYTE = 1024 * 1024

UNREADABLE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": ("empty_file", lambda: b""),
    "text": ("unsupported_type", lambda: b"Only a letter, no picture of one.\n" * 50),
    "html": ("unsupported_type", lambda: b"<!doctype html><title>page</title>"),
    "zip": ("unsupported_type", lambda: b"PK\x03\x04" + bytes(200)),
    "svg": ("unsupported_type", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "one-byte": ("unsupported_type", lambda: b"\x89"),
    "corrupt-jpeg": ("corrupt_file", files.corrupt_jpeg),
    "truncated-png": ("corrupt_file", lambda: files.truncated(files.png(scan(1).image))),
    "png-signature-alone": ("corrupt_file", lambda: IMAGE[:8]),
    "truncated-pdf": ("corrupt_file", lambda: files.truncated(PDF)),
    "pdf-header-alone": ("corrupt_file", lambda: b"%PDF-1.7\n"),
    "truncated-tiff": ("corrupt_file", lambda: files.truncated(files.encoded(PAGE, "TIFF"))),
    "encrypted-pdf": ("encrypted_file", lambda: files.encrypted_pdf(PDF)),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_unreadable_file_is_refused_with_its_reason(client: Client, kind: str) -> None:
    code, make = UNREADABLE[kind]
    check_problem(client.submit(make(), "page.png"), 400, code)


def test_the_refusal_of_a_type_names_the_accepted_ones(client: Client) -> None:
    body = check_problem(client.submit(b"Only text.", "page.png"), 400, "unsupported_type")
    for name in ("PNG", "JPG", "WEBP", "GIF", "BMP", "TIFF", "PDF"):
        assert name in body["error"]


def test_a_form_without_a_file_is_refused(client: Client) -> None:
    answer = client.post(JOBS, files={"tier": (None, "cpu")})
    assert "file" in check_problem(answer, 400, "missing_file")["error"]


def test_a_file_under_another_name_is_no_file(client: Client) -> None:
    answer = client.post(JOBS, files={"document": ("page.png", IMAGE)})
    check_problem(answer, 400, "missing_file")


@pytest.mark.parametrize(
    "request_parts",
    [
        {"json": {"file": "page.png"}},
        {"data": {"file": "page.png"}},
        {"data": IMAGE, "headers": {"Content-Type": "image/png"}},
        {},
    ],
    ids=["json", "urlencoded", "bare-image", "nothing"],
)
def test_what_is_no_multipart_form_is_refused(client: Client, request_parts: dict[str, Any]) -> None:
    answer = client.post(JOBS, **request_parts)
    assert answer.status_code == 400
    check_problem(answer, 400, answer.json()["code"])


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("tier", "gpu", ("cpu", "vlm")),
        ("language", "klingonese", ("language",)),
        ("language", "en+qqq", ("qqq",)),
        ("tool", "make-coffee", ("image-to-text", "pdf-to-text")),
        ("pages", "0", ("1-3,7",)),
        ("pages", "two", ("1-3,7",)),
        ("pages", "3", ("3", "2")),
        ("text_layer", "maybe", ("auto", "ignore")),
    ],
)
def test_a_wrong_value_is_refused_and_the_right_ones_named(
    client: Client, field: str, value: str, named: tuple[str, ...]
) -> None:
    body = check_problem(client.submit(PDF, "two.pdf", **{field: value}), 400, "invalid_field")
    assert body["field"] == field
    for allowed in named:
        assert allowed in body["error"]


def test_a_wrong_value_after_the_file_is_refused_too(client: Client) -> None:
    parts = [("file", ("page.png", IMAGE)), ("tier", (None, "gpu"))]
    check_problem(client.post(JOBS, files=parts), 400, "invalid_field")


def test_more_pages_than_the_plan_takes_are_refused(free_client: Client) -> None:
    pages = [blank_page((40, 40))] * 26
    body = check_problem(free_client.submit(files.scanned_pdf(pages), "many.pdf"), 400, "too_many_pages")
    assert "25" in body["error"] and "26" in body["error"]


def test_as_many_pages_as_the_plan_takes_are_read(free_client: Client) -> None:
    job = free_client.read(files.scanned_pdf([blank_page((40, 40))] * 25), "just.pdf", language="en")
    assert (job["status"], job["page_count"]) == ("done", 25)


def test_more_frames_than_the_plan_takes_are_refused(free_client: Client) -> None:
    frames = files.frames([blank_page((40, 40))] * 26, "TIFF")
    check_problem(free_client.submit(frames, "many.tiff"), 400, "too_many_pages")


def test_a_larger_file_than_the_plan_takes_is_refused(free_client: Client) -> None:
    answer = free_client.submit(IMAGE.ljust(25 * MEGABYTE + 1, b"\0"), "large.png")
    assert "25 MB" in check_problem(answer, 400, "file_too_large")["error"]


def test_a_file_as_large_as_the_plan_takes_is_read(free_client: Client) -> None:
    job = free_client.read(IMAGE.ljust(25_000_000, b"\0"), "just.png", language="en")
    assert job["text"].split() == ["page", "one"]


def test_a_plan_is_a_matter_of_the_account(client: Client) -> None:
    job = client.read(files.scanned_pdf([blank_page((40, 40))] * 26), "many.pdf", language="en")
    assert (job["status"], job["page_count"]) == ("done", 26)


@pytest.mark.parametrize("kind", ["png", "bmp"])
def test_an_image_that_claims_to_be_gigantic_is_refused(client: Client, kind: str) -> None:
    body = client.submit(CLAIMS[kind](), f"gigantic.{kind}")
    assert body.status_code == 400
    assert body.json()["code"] in ("image_too_large", "corrupt_file")


def _gigantic_png() -> bytes:
    """A header of 60,000 by 60,000 pixels in front of next to nothing."""
    header = bytearray(IMAGE)
    header[16:24] = (60_000).to_bytes(4, "big") * 2
    return bytes(header)


def _gigantic_bmp() -> bytes:
    header = bytearray(files.encoded(PAGE, "BMP"))
    header[18:26] = (60_000).to_bytes(4, "little") * 2
    return bytes(header)


CLAIMS = {"png": _gigantic_png, "bmp": _gigantic_bmp}
