import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.errors import StackError
from deploy.local.ports import Ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_found_free_is_remembered(tmp_path: Path) -> None:
    first = Ports(tmp_path / "ports", asked={})
    chosen = first["amqp"]
    first.save()
    assert Ports(tmp_path / "ports", asked={})["amqp"] == chosen


def test_every_name_has_a_port_of_its_own(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports", asked={})
    assert len({ports[name] for name in ("amqp", "mongo", "front-1", "front-2")}) == 4


def test_two_folders_look_in_different_places(tmp_path: Path) -> None:
    assert Ports(tmp_path / "a", asked={})["amqp"] != Ports(tmp_path / "b", asked={})["amqp"]


def test_an_asked_port_wins_over_a_remembered_one(tmp_path: Path) -> None:
    first = Ports(tmp_path / "ports", asked={"amqp": 20001})
    first.save()
    second = Ports(tmp_path / "ports", asked={"amqp": 20002})
    assert second["amqp"] == 20002
    assert second.moved("amqp")


def test_a_taken_port_is_refused_with_the_setting_that_helps(tmp_path: Path, taken: int) -> None:
    ports = Ports(tmp_path / "ports", asked={"front-1": taken})
    with pytest.raises(StackError, match=rf"port {taken}.*taken by another program.*FRONT_PORT"):
        ports.require_free(["front-1"])


def test_a_remembered_port_that_was_taken_meanwhile_is_refused_too(tmp_path: Path, taken: int) -> None:
    Ports(tmp_path / "ports", asked={"amqp-management": taken}).save()
    with pytest.raises(StackError, match="AMQP_MANAGEMENT_PORT, or delete"):
        Ports(tmp_path / "ports", asked={}).require_free(["amqp-management"])


def test_two_of_ours_cannot_share_a_port(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports", asked={"amqp": 20001, "mongo": 20001})
    with pytest.raises(StackError, match="amqp and mongo cannot share"):
        ports.require_free(["amqp"])
