import json
from pathlib import Path

import pytest

from common.contracts.topology import Role
from deploy.local.broker import Broker
from deploy.local.credentials import Credentials
from deploy.local.ports import Ports


@pytest.fixture
def broker(tmp_path: Path) -> Broker:
    return Broker(tmp_path, Ports(tmp_path / "ports", {}), Credentials(front="f", worker="w", operator="o"))


def test_a_new_start_leaves_the_definitions_alone(broker: Broker, tmp_path: Path) -> None:
    """Else the broker would import them again, and undo what an operator changed live."""
    broker.prepare()
    first = (tmp_path / "definitions.json").read_bytes()
    broker.prepare()
    assert (tmp_path / "definitions.json").read_bytes() == first


def test_definitions_that_are_out_of_date_are_written_anew_and_restart_the_node(
    broker: Broker, tmp_path: Path
) -> None:
    file = tmp_path / "definitions.json"
    _, node = broker.prepare()
    file.write_text(json.dumps({**json.loads(file.read_text()), "queues": []}))
    _, renewed = broker.prepare()
    assert json.loads(file.read_text())["queues"]
    assert renewed.environment != node.environment


def test_every_role_has_a_login_of_its_own(broker: Broker) -> None:
    assert len({broker.amqp_url(role) for role in Role}) == len(Role)


def test_the_node_listens_on_this_machine_alone(broker: Broker, tmp_path: Path) -> None:
    broker.prepare()
    lines = (tmp_path / "rabbitmq.conf").read_text().splitlines()
    addresses = [
        line.partition(" = ")[2] for line in lines if line.startswith("listeners.") or ".tcp.ip" in line
    ]
    assert [address.partition(":")[0] for address in addresses] == ["127.0.0.1"] * 3


def test_a_page_may_be_held_for_hours(broker: Broker, tmp_path: Path) -> None:
    """While the database is away, say; the broker's own limit is half an hour."""
    broker.prepare()
    lines = (tmp_path / "rabbitmq.conf").read_text().splitlines()
    (limit,) = [line.partition(" = ")[2] for line in lines if line.startswith("consumer_timeout")]
    assert int(limit) >= 6 * 3600 * 1000
