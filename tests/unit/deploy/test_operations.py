"""The operators' page names what there is at the broker."""

import re

import pytest

from common.contracts import topology
from tests.unit.deploy.manifests import ROOT

PAGE = (ROOT / "deploy/rabbitmq/OPERATIONS.md").read_text()
POLICIES = {policy.name: policy.definition for policy in topology.POLICIES}


def test_every_policy_is_explained() -> None:
    table = PAGE[PAGE.index("| policy | limits |") :]
    told = {
        name: set(re.findall(r"`([a-z-]+)`", limits))
        for names, limits in re.findall(r"^\| (`.+?) \| (.+?) \|$", table, flags=re.MULTILINE)
        for name in re.findall(r"`([\w-]+)`", names)
    }
    assert told.keys() == POLICIES.keys()
    for name in ("dead", "intake", "partner", "feeds", "tracking"):
        fixed = {"overflow", "dead-letter-strategy"}
        assert told[name] == POLICIES[name].keys() - fixed


@pytest.mark.parametrize("queue", [*topology.TASK_QUEUES, topology.TRACKING, topology.RETRY_QUEUES[0]])
def test_every_queue_has_its_meaning(queue: str) -> None:
    assert f"`{queue.replace('.vlm.', '.cpu.')}`" in PAGE


def test_every_link_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^## (.+)$", PAGE, flags=re.MULTILINE)
    }
    assert set(re.findall(r"\(#([\w-]+)\)", PAGE)) <= headings
    assert "deploy/rabbitmq/OPERATIONS.md" in (ROOT / "README.md").read_text()
