"""A broker of three nodes, whose leaders are killed under load: once, with ``--soak`` several times."""

import secrets
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from common.contracts.tasks import Tier
from common.contracts.topology import QUEUES, TRACKING, page_queues
from tests.client import Client
from tests.conftest import check_logs
from tests.faults.cluster import NODES, Cluster, running_cluster
from tests.faults.steady_load import steady_load
from tests.faults.steady_partner import PAGE
from tests.partner import admitted, connected
from tests.stack import Stack, running_stack

pytestmark = pytest.mark.timeout(900)

EXPRESS = page_queues(Tier.CPU)[0]
KILLS = (TRACKING, EXPRESS, TRACKING)
LOAD_S, SHORT_LOAD_S = 12, 4
REQUESTS, FEW_REQUESTS = 60, 10
LIMIT_S = 120


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as formed:
        yield formed


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster, seed: int) -> Iterator[Stack]:
    """A fleet at the cluster."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AMQP_URL", cluster.amqp_url)
        environment.setenv("AMQP_MANAGEMENT_URL", cluster.management_url)
        with running_stack(tmp_path_factory.mktemp("fleet"), seed=seed) as started:
            yield started
            check_logs(started)


def test_every_queue_has_a_member_on_every_node(cluster: Cluster) -> None:
    everywhere = {f"{name}@localhost" for name in NODES}
    assert {queue.name: cluster.members_of(queue.name) for queue in QUEUES} == {
        queue.name: everywhere for queue in QUEUES
    }


def test_the_fleet_is_connected_to_every_node(stack: Stack, cluster: Cluster) -> None:
    """Some node of three may have none of a dozen connections: by chance, in less than one of forty runs."""
    assert len(cluster.nodes_of_connections()) >= 2


def test_the_leader_of_the_results_is_killed_under_load_and_nothing_is_lost_or_made_twice(
    stack: Stack, cluster: Cluster, record_property: Callable[[str, object], None]
) -> None:
    """The node stays away."""
    client = stack.client(stack.account(f"cluster-{secrets.token_hex(4)}"))
    partner, _ = with_requests_that_wait(stack, FEW_REQUESTS)
    with steady_load(client, cluster.amqp_url, callers=2) as tally:
        cluster.leader_of(TRACKING).kill()
        wait_until_ready(stack)
        time.sleep(SHORT_LOAD_S)
    record_property("told", tally.table("kill -9 of a leader of three nodes"))
    assert (tally.lost, tally.failed, tally.double, tally.attempts) == (0, 0, 0, 0), tally
    assert tally.done == tally.accepted == tally.sent >= 4, tally
    assert ended(partner, FEW_REQUESTS) == ["done"] * FEW_REQUESTS
    assert partner.account()["used"] == FEW_REQUESTS


@pytest.mark.soak
def test_leaders_are_killed_under_load_again_and_again_and_nothing_is_lost_or_made_twice(
    stack: Stack, cluster: Cluster, record_property: Callable[[str, object], None]
) -> None:
    client = stack.client(stack.account(f"cluster-{secrets.token_hex(4)}"))
    partner, intake = with_requests_that_wait(stack, REQUESTS)
    with steady_load(client, cluster.amqp_url, callers=3) as tally:
        for queue in (intake, *KILLS):
            leader = cluster.leader_of(queue)
            leader.kill()
            wait_until_ready(stack)
            time.sleep(LOAD_S)
            leader.start()
            cluster.wait_until_whole()
    jobs = ended(partner, REQUESTS)
    record_property("told", tally.table(f"{1 + len(KILLS)} times kill -9 of a leader of three nodes"))
    assert (tally.lost, tally.failed, tally.double) == (0, 0, 0), tally
    assert tally.attempts == 0, tally
    assert tally.done == tally.accepted == tally.sent >= 10, tally
    told = f"Partner meanwhile: sent {REQUESTS}, made {len(jobs)}, done {jobs.count('done')}"
    record_property("told", told)
    assert jobs == ["done"] * REQUESTS
    assert partner.account()["used"] == REQUESTS


def with_requests_that_wait(stack: Stack, count: int) -> tuple[Client, str]:
    """A partner with more requests in its intake than are read at once; the queue's name."""
    name = f"cluster-{secrets.token_hex(3)}"
    client, url = admitted(stack, name)
    with connected(name, client, url) as partner:
        for _ in range(count):
            partner.send(PAGE, content_type="image/png", headers={"language": "en"})
    return client, f"ocr.intake.{name}"


def ended(client: Client, count: int) -> list[str]:
    """How all ``count`` jobs of the account have ended."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        states = [job["status"] for job in client.jobs(limit=100).json()["jobs"]]
        if len(states) >= count and not {"pending", "processing"} & set(states):
            return states
        assert time.monotonic() < deadline, states
        time.sleep(0.2)


def wait_until_ready(stack: Stack) -> None:
    deadline = time.monotonic() + LIMIT_S
    for url in stack.urls:
        while requests.get(f"{url}/readyz", timeout=30).status_code != 200:
            assert time.monotonic() < deadline, "a front found no other node"
            time.sleep(0.2)
