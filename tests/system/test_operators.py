"""What operators see at the broker's dashboard, and what those who only look may not do there."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.stack import CHECKOUT, Stack

LIMIT_S = 20
REFUSED = (401, 403)
PURPOSES = {"front": {"publishing", "consuming", "feed"}}
WORKER_PURPOSES = {"publishing", "consuming"}


def test_the_brokers_own_commands_run_at_the_node_of_this_machine(stack: Stack) -> None:
    asked = [sys.executable, "-m", "deploy.local", "broker", "--state", str(stack.state)]
    told = subprocess.run(
        [*asked, "rabbitmq-diagnostics", "-q", "status", "--formatter", "json"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["alarms"] == []
    nothing = subprocess.run(asked, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=50)
    assert nothing.returncode == 2 and "required: tool" in nothing.stderr


class Dashboard:
    """The management plugin, asked as one of the users of a stack."""

    def __init__(self, stack: Stack, user: str) -> None:
        [process] = stack.processes("rabbitmq")
        password = json.loads((stack.state / "credentials").read_text())[user]
        self._login = (f"local-{user}", password)
        self._api = f"http://127.0.0.1:{process.ports['amqp-management']}/api"

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        return requests.request(method, f"{self._api}/{path}", auth=self._login, timeout=LIMIT_S, **options)

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()


@pytest.fixture(scope="module")
def monitor(stack: Stack) -> Dashboard:
    return Dashboard(stack, "monitor")


@pytest.fixture(scope="module")
def operator(stack: Stack) -> Dashboard:
    return Dashboard(stack, "operator")


def test_every_connection_says_whose_it_is_and_what_for(stack: Stack, monitor: Dashboard) -> None:
    wanted = {
        (kind, process.pid, purpose)
        for process in stack.processes()
        if (kind := re.sub(r"-\d+$", "", process.name)) in ("front", "ocr_cpu", "ocr_vlm", "export", "chat")
        for purpose in PURPOSES.get(kind, WORKER_PURPOSES)
    }
    assert before_long(lambda: wanted <= set(map(named, monitor.get("connections"))))


def test_every_consumer_of_a_queue_says_whose_it_is(stack: Stack, monitor: Dashboard) -> None:
    queue = "ocr.cpu.pages.express"
    wanted = {("ocr_cpu", process.pid) for process in stack.processes("ocr_cpu")}

    def found() -> set[tuple[str, int]]:
        tags = [one["consumer_tag"] for one in monitor.get("consumers/ocr") if one["queue"]["name"] == queue]
        told = [re.fullmatch(rf"(\w+)@\S+/(\d+) consuming {re.escape(queue)} 1", tag) for tag in tags]
        return {(one[1], int(one[2])) for one in told if one}

    assert before_long(lambda: wanted == found())


def named(connection: dict[str, Any]) -> tuple[str, int, str] | None:
    told = re.fullmatch(r"(\w+)@\S+/(\d+) (\w+)", connection["client_properties"].get("connection_name", ""))
    return (told[1], int(told[2]), told[3]) if told else None


def test_a_monitor_sees_queues_their_consumers_and_the_nodes(monitor: Dashboard) -> None:
    assert "monitoring" in monitor.get("whoami")["tags"]
    assert monitor.get("overview")["cluster_name"]
    assert {"mem_alarm", "disk_free_alarm"} <= set(monitor.get("nodes")[0])
    names = {queue["name"] for queue in monitor.get("queues/ocr")}
    assert {"ocr.cpu.pages.express", "ocr.cpu.pages.express.dead", "ocr.tracking"} <= names
    assert before_long(lambda: monitor.get("queues/ocr/ocr.tracking").get("consumers", 0) >= 2)
    assert {policy["name"] for policy in monitor.get("policies/ocr")} >= {"tasks", "dead", "tracking"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "policies/ocr/tasks", {"pattern": ".*", "definition": {"max-length": 1}}),
        ("DELETE", "policies/ocr/tasks", None),
        ("PUT", "operator-policies/ocr/x", {"pattern": ".*", "definition": {"max-length": 1}}),
        ("PUT", "queues/ocr/ocr.mine", {"durable": True}),
        ("DELETE", "queues/ocr/ocr.cpu.pages.dead", None),
        ("DELETE", "queues/ocr/ocr.cpu.pages.dead/contents", None),
        (
            "POST",
            "queues/ocr/ocr.cpu.pages.dead/get",
            {"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"},
        ),
        (
            "POST",
            "exchanges/ocr/ocr.results/publish",
            {"routing_key": "page.failed", "payload": "{}", "payload_encoding": "string", "properties": {}},
        ),
        ("POST", "bindings/ocr/e/ocr.results/q/ocr.cpu.pages.dead", {"routing_key": "#"}),
        ("DELETE", "exchanges/ocr/ocr.tasks", None),
        ("PUT", "users/mine", {"password": "x", "tags": "administrator"}),
        ("PUT", "permissions/ocr/local-monitor", {"configure": ".*", "write": ".*", "read": ".*"}),
        ("PUT", "vhosts/mine", {}),
        ("POST", "definitions", {"users": []}),
    ],
)
def test_a_monitor_changes_and_takes_nothing(
    monitor: Dashboard, operator: Dashboard, method: str, path: str, body: dict[str, Any] | None
) -> None:
    before = settled(operator)
    options = {} if body is None else {"json": body}
    answer = monitor.ask(method, path, **options)
    assert answer.status_code in REFUSED or "ACCESS_REFUSED" in answer.text or "access_refused" in answer.text
    assert settled(operator) == before


def test_a_monitor_closes_nobodys_connection(monitor: Dashboard) -> None:
    (name, *_) = [
        connection["name"] for connection in monitor.get("connections") if named(connection) is not None
    ]
    assert monitor.ask("DELETE", f"connections/{quote(name, safe='')}").status_code in REFUSED
    assert name in {connection["name"] for connection in monitor.get("connections")}


def settled(operator: Dashboard) -> dict[str, Any]:
    """What stands there, without what changes by itself."""
    told: dict[str, Any] = operator.get("definitions")
    return {
        kind: sorted(map(str, told[kind]))
        for kind in ("users", "vhosts", "permissions", "policies", "exchanges", "bindings", "queues")
    }


def before_long(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + LIMIT_S
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
