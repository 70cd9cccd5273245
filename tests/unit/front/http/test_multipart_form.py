"""The submission form, however it is cut into pieces and whatever is wrong with it."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.filepost import encode_multipart_formdata

from common.domain.account import Account
from common.domain.plans import Plan
from common.errors import BadRequest, FileTooLarge, InvalidField, MissingFile, StoreUnavailable
from front.http.multipart_form import MAX_FIELD_BYTES, MAX_OVERHEAD_BYTES, MAX_PARTS, MultipartForm
from front.services.spool import Spool
from tests.fakes.plans import PAID
from tests.fakes.samples import NOW

SMALL = PAID.model_copy(update={"max_pages": 1, "max_bytes": 1000})
ME = Account("me", PAID, NOW)
ROOM = 1 << 30
Part = tuple[str, str | bytes | tuple[str, bytes]]


def form(folder: Path, *parts: Part, plan: Plan = PAID, piece: int = 1 << 16, cut: int = 0) -> MultipartForm:
    """A form that was fed these parts in pieces, ``cut`` bytes short of its end."""
    body, content_type = encode_multipart_formdata(list(parts))
    return fed(
        MultipartForm(content_type, replace(ME, plan=plan), Spool(folder, ROOM)),
        body[: len(body) - cut],
        piece,
    )


def fed(made: MultipartForm, body: bytes, piece: int = 1 << 16) -> MultipartForm:
    for at in range(0, len(body), piece):
        made.feed(body[at : at + piece])
    return made


FILE: Part = ("file", ("a.png", b"pixels"))


@given(
    data=st.binary(max_size=400), value=st.text(max_size=50), piece=st.integers(1, 300), last=st.booleans()
)
def test_file_and_fields_arrive_whole_however_they_are_cut(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, value: str, piece: int, last: bool
) -> None:
    file: Part = ("file", ("ä b.png", data))
    parts = [file, ("tier", value)] if last else [("tier", value), file]
    received = form(tmp_path_factory.getbasetemp(), *parts, piece=piece)
    upload = received.upload()
    assert upload.path.read_bytes() == data
    assert (upload.filename, upload.size_bytes) == ("ä b.png", len(data))
    assert received.fields() == ({"tier": value} if value else {})
    received.discard()
    assert not upload.path.exists()


def test_a_part_called_file_is_the_file_even_without_a_name(tmp_path: Path) -> None:
    upload = form(tmp_path, ("file", b"pixels")).upload()
    assert (upload.filename, upload.size_bytes) == ("document", 6)


@pytest.mark.parametrize("values", [("cpu", "cpu"), ("", "cpu"), ("cpu", "")])
def test_a_field_sent_twice_may_say_the_same_or_nothing_the_second_time(
    tmp_path: Path, values: tuple[str, str]
) -> None:
    assert form(tmp_path, *[("tier", value) for value in values], FILE).fields() == {"tier": "cpu"}


def test_a_field_with_two_values_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidField, match="'language' was sent with two values") as refused:
        form(tmp_path, ("language", "en"), FILE, ("language", "de")).fields()
    assert refused.value.field == "language"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [("langauge", "language"), ("page", "pages"), ("Tier", "tier"), ("lang", "language"), ("files", "file")],
)
def test_a_misspelled_field_is_refused_with_what_was_meant(tmp_path: Path, sent: str, meant: str) -> None:
    with pytest.raises(InvalidField, match=f"Unknown field '{sent}': did you mean '{meant}'") as refused:
        form(tmp_path, FILE, (sent, "de"))
    assert refused.value.field == sent


def test_a_field_like_no_other_is_refused_with_the_names_of_all(tmp_path: Path) -> None:
    with pytest.raises(InvalidField, match=r"'colour'\. The fields are file, tier, language, .*retention"):
        form(tmp_path, FILE, ("colour", "blue"))


@pytest.mark.parametrize("name", ["", "_charset_", "_csrf_token"])
def test_what_is_the_clients_own_affair_does_no_harm(tmp_path: Path, name: str) -> None:
    assert form(tmp_path, FILE, (name, "x")).fields() == {}


def test_an_empty_field_counts_as_left_out_even_an_unknown_one(tmp_path: Path) -> None:
    received = form(tmp_path, FILE, ("colour", ""), ("tier", ""), ("second", ("", b"")))
    assert received.fields() == {}
    assert received.upload().size_bytes == len(b"pixels")


def test_a_known_field_counts_though_it_was_sent_as_a_file(tmp_path: Path) -> None:
    """As ``requests`` does with ``files={"language": "de"}``."""
    assert form(tmp_path, FILE, ("language", ("language", b"de"))).fields() == {"language": "de"}


@pytest.mark.parametrize("is_first", [True, False])
def test_a_second_file_in_another_field_is_refused(tmp_path: Path, is_first: bool) -> None:
    other: Part = ("file2", ("b.png", b"more"))
    with pytest.raises(BadRequest, match="second file came in the field 'file2'"):
        form(tmp_path, *([other, FILE] if is_first else [FILE, other])).upload()


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "text/plain; boundary=x", "multipart/form-data"]
)
def test_what_is_no_form_is_told_how_to_send_one(tmp_path: Path, content_type: str) -> None:
    with pytest.raises(MissingFile, match="curl -F 'file="):
        MultipartForm(content_type, ME, Spool(tmp_path, ROOM))


def test_a_form_without_a_file_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="No file was sent"):
        form(tmp_path, ("tier", "cpu")).upload()


def test_a_file_in_another_field_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="came in the field 'image'"):
        form(tmp_path, ("image", ("a.png", b"pixels"))).upload()


def test_a_file_field_left_empty_counts_as_no_file(tmp_path: Path) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n'
    received = fed(MultipartForm("multipart/form-data; boundary=x", ME, Spool(tmp_path, ROOM)), body)
    with pytest.raises(MissingFile):
        received.upload()


def test_two_files_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="More than one file"):
        form(tmp_path, FILE, FILE)


@pytest.mark.parametrize("cut", [1, 3, 20, 60])
def test_a_form_that_ends_too_early_is_refused(tmp_path: Path, cut: int) -> None:
    with pytest.raises(BadRequest, match="broken off"):
        form(tmp_path, FILE, cut=cut + 2).upload()


@pytest.mark.parametrize(
    "body", [b"nonsense", b"--x\r\nno header\r\n\r\n", b"--x\r\nA: b\r\n\r\nno name\r\n--x--"]
)
def test_what_is_no_multipart_is_refused(tmp_path: Path, body: bytes) -> None:
    received = MultipartForm("multipart/form-data; boundary=x", ME, Spool(tmp_path, ROOM))
    with pytest.raises(BadRequest, match="damaged"):
        fed(received, body).upload()


def test_too_many_fields_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=f"more than {MAX_PARTS}"):
        form(tmp_path, *[("tier", "cpu")] * (MAX_PARTS + 1))


def test_too_long_a_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidField, match="'schema' is longer"):
        form(tmp_path, ("schema", "x" * (MAX_FIELD_BYTES + 1)))


def test_a_field_that_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidField, match="not UTF-8"):
        form(tmp_path, FILE, ("tier", b"\xff")).fields()


def test_a_file_may_be_as_large_as_the_plan_allows_and_no_larger(tmp_path: Path) -> None:
    assert form(tmp_path, ("file", ("a", b"x" * 1000)), plan=SMALL).upload().size_bytes == 1000
    with pytest.raises(FileTooLarge):
        form(tmp_path, ("file", ("a", b"x" * 1001)), plan=SMALL)


def test_what_nobody_asked_for_may_not_be_endless_either(tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge):
        form(tmp_path, ("other", ("a", b"x" * (MAX_OVERHEAD_BYTES + 1001))), plan=SMALL)


def test_a_full_disk_is_a_passing_trouble_of_ours(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", ROOM)
    (tmp_path / "spool").rmdir()
    body, content_type = encode_multipart_formdata([FILE])
    with pytest.raises(StoreUnavailable):
        fed(MultipartForm(content_type, ME, spool), body)
