"""Where uploads lie meanwhile: nobody looks in, and nothing stays for long."""

import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from common.domain.account import Account
from common.errors import DiskUnavailable, Overloaded, TooManyUploads
from front.services.spool import Spool
from tests.fakes import plans
from tests.fakes.samples import NOW

ROOM = 4000
# Of the plan's size, one file fits into the quarter that an account may have.
PLAN = plans.FREE.model_copy(update={"max_bytes": ROOM // 4})
ME, YOU = Account("me", PLAN, NOW), Account("you", PLAN, NOW)


def test_the_folder_is_for_this_user_alone(tmp_path: Path) -> None:
    Spool(tmp_path / "spool", ROOM)
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700


def test_a_folder_that_is_open_to_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool").chmod(0o777)
    with pytest.raises(DiskUnavailable):
        Spool(tmp_path / "spool", ROOM)


def test_what_nobody_holds_any_more_is_swept(tmp_path: Path) -> None:
    spool = Spool(tmp_path, ROOM)
    left, foreign = tmp_path / "upload-left", tmp_path / "notes"
    for path in (left, foreign):
        path.write_bytes(b"pixels")
    with closing(spool.new_file(ME)) as under_way:
        Spool(tmp_path, ROOM).sweep()
        assert (left.exists(), foreign.exists(), under_way.path.exists()) == (False, True, True)
    assert not under_way.path.exists()


def test_an_upload_that_ends_during_the_sweep_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "upload-left"
    left.write_bytes(b"pixels")

    def listed(folder: Path, pattern: str) -> Iterator[Path]:
        yield folder / "upload-gone"
        yield left

    spool = Spool(tmp_path, ROOM)
    with monkeypatch.context() as folder:
        folder.setattr(Path, "glob", listed)
        spool.sweep()
    assert not left.exists()


def test_files_of_one_account_fill_no_more_than_its_share_and_give_it_back(tmp_path: Path) -> None:
    spool = Spool(tmp_path, ROOM)
    first, second = spool.new_file(ME), spool.new_file(ME)
    first.write(bytes(600))
    with pytest.raises(TooManyUploads):
        second.write(bytes(401))
    second.write(bytes(400))
    first.close()
    first.close()
    second.write(bytes(600))
    with pytest.raises(TooManyUploads):
        second.write(b"x")


def test_a_file_that_the_plan_allows_has_room_though_it_is_more_than_the_share(tmp_path: Path) -> None:
    large = replace(ME, plan=PLAN.model_copy(update={"max_bytes": ROOM // 2}))
    Spool(tmp_path, ROOM).new_file(large).write(bytes(ROOM // 2))


def test_all_files_together_take_no_more_than_there_is(tmp_path: Path) -> None:
    spool = Spool(tmp_path, ROOM)
    accounts = [replace(ME, id=f"account-{index}") for index in range(4)]
    held = [spool.new_file(account) for account in accounts]
    for file in held:
        file.write(bytes(ROOM // 4))
    with pytest.raises(Overloaded):
        spool.new_file(YOU).write(b"x")
    held[0].close()
    spool.new_file(YOU).write(b"x")
