"""Pages of a job's file as pictures."""

import io

import pytest
from PIL import Image

from tests import files
from tests.client import JOBS, Client, Job, accepted
from tests.pages import numbered_pages
from tests.system.judging import check_problem

COLOURS = [(200, 30, 30), (30, 150, 30), (30, 30, 200)]
SIZE = (1240, 1754)
PDF = files.scanned_pdf([Image.new("RGB", SIZE, colour) for colour in COLOURS], dpi=150)


@pytest.fixture(scope="module")
def job(client: Client) -> Job:
    return client.read(PDF, "colours.pdf", language="en")


def shown(answer_bytes: bytes) -> Image.Image:
    return Image.open(io.BytesIO(answer_bytes))


def is_near(image: Image.Image, colour: tuple[int, int, int]) -> bool:
    pixel = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    return all(abs(one - other) < 20 for one, other in zip(pixel, colour, strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize("image_format", ["png", "webp"])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_each_page_is_shown_in_colour(client: Client, job: Job, index: int, image_format: str) -> None:
    answer = client.image(job["uuid"], index, width=300, format=image_format)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == f"image/{image_format}"
    image = shown(answer.content)
    assert (image.format, image.width) == (image_format.upper(), 300)
    assert image.height == pytest.approx(300 * SIZE[1] / SIZE[0], abs=1)
    assert is_near(image, COLOURS[index])


def test_a_png_of_a_thousand_pixels_is_the_default(client: Client, job: Job) -> None:
    answer = client.image(job["uuid"], 0)
    assert (answer.headers["Content-Type"], shown(answer.content).width) == ("image/png", 1000)


def test_a_picture_is_not_made_larger_than_it_was(client: Client) -> None:
    small = client.read(files.png(numbered_pages(1)[0].image.resize((200, 100))), language="en")
    assert shown(client.image(small["uuid"], 0, width=2000).content).size == (200, 100)


def test_an_index_counts_the_chosen_pages(client: Client) -> None:
    job = client.read(PDF, "colours.pdf", language="en", pages="3")
    assert is_near(shown(client.image(job["uuid"], 0, width=100).content), COLOURS[2])
    check_problem(client.image(job["uuid"], 1), 404, "not_found")


def test_pages_are_shown_while_the_job_runs(client: Client) -> None:
    long = files.scanned_pdf([sheet.image for sheet in numbered_pages(30)])
    job = accepted(client.submit(long, "long.pdf", language="en"))
    assert job["status"] != "done"
    assert client.image(job["uuid"], 29, width=100).status_code == 200
    client.remove(job["uuid"])
    check_problem(client.image(job["uuid"], 29, width=100), 404, "not_found")


def test_a_page_that_cannot_be_drawn_is_told(client: Client) -> None:
    torn = files.torn_tiff([sheet.image for sheet in numbered_pages(2)], torn=1)
    job = client.read(torn, "torn.tiff", language="en")
    assert client.image(job["uuid"], 0).status_code == 200
    check_problem(client.image(job["uuid"], 1), 422, "page_not_shown")


@pytest.mark.parametrize("index", ["3", "-1", "x", "99999"])
def test_a_page_outside_is_not_there(client: Client, job: Job, index: str) -> None:
    check_problem(client.get(f"{JOBS}{job['uuid']}/pages/{index}/image/"), 404, "not_found")


@pytest.mark.parametrize(("name", "value"), [("width", "15"), ("width", "2001"), ("format", "gif")])
def test_what_cannot_be_is_refused(client: Client, job: Job, name: str, value: str) -> None:
    answer = client.image(job["uuid"], 0, **{name: value})
    assert check_problem(answer, 400, "invalid_field")["field"] == name


def test_nobody_else_sees_a_page(stranger: Client, job: Job) -> None:
    check_problem(stranger.image(job["uuid"], 0), 404, "not_found")
