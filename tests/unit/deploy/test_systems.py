"""The broker and the database that a stack leans on."""

from pathlib import Path

from deploy.local.ports import Ports
from deploy.local.settings import StackSettings
from deploy.local.state import StateFolder
from deploy.local.systems import Systems

NOWHERE = {"amqp_url": "amqp://user:secret@127.0.0.1:1/x", "mongo_url": "mongodb://user:secret@127.0.0.1:1/"}


def systems(folder: Path, **urls: str) -> Systems:
    return Systems(StateFolder.at(folder), Ports(folder / "ports", {}), StackSettings(**urls))  # type: ignore[arg-type]


def test_what_is_absent_outside_is_named_without_its_password(tmp_path: Path) -> None:
    broker, store = systems(tmp_path, **NOWHERE).absent_outside()
    assert "AMQP_URL" in broker and "127.0.0.1:1," in broker
    assert "MONGO_URL" in store and "127.0.0.1:1 " in store
    assert "secret" not in broker + store


def test_of_our_own_nothing_is_said(tmp_path: Path) -> None:
    assert list(systems(tmp_path).absent_outside()) == []
