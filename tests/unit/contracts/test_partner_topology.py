"""What partners are allowed, by the patterns that the broker is given."""

import re

import pytest

from common.contracts import partner_topology, topology
from common.contracts.partner_topology import EVENTS, Permission


def _on(exchange: str, account: str) -> Permission | partner_topology.TopicPermission:
    permissions = partner_topology.topic_permissions(account)
    (permission,) = (one for one in permissions if one.exchange == exchange)
    return permission


def test_a_partner_has_topic_permissions_on_every_topic_exchange() -> None:
    defined = {one.exchange for one in partner_topology.topic_permissions("acme")}
    assert defined == set(topology.TOPIC_EXCHANGES)


def test_a_user_tells_its_account_and_only_partners_have_one() -> None:
    assert partner_topology.account_of(partner_topology.partner_user("acme-2")) == "acme-2"
    assert [partner_topology.account_of(user) for user in ("front", "partner.", "partner", "")] == [None] * 4


def test_a_partner_submits_under_its_own_name_alone() -> None:
    write = _on(topology.SUBMIT, "acme").write
    assert re.search(write, "acme")
    assert not any(re.search(write, key) for key in ("globex", "acme2", "xacme", "acme.globex", "#", ""))


def test_a_partner_listens_to_its_own_events_alone() -> None:
    read = _on(topology.RESULTS, "acme").read
    assert all(re.search(read, f"job.acme.{word}") for word in (*EVENTS, "*", "#"))
    foreign = (
        "job.globex.done",
        "job.#",
        "job.*.done",
        "#",
        "job.acme2.done",
        "page.recognized",
        "answer.a5",
    )
    assert not any(re.search(read, key) for key in foreign)


@pytest.mark.parametrize("what", ["configure", "write", "read"])
def test_a_partner_touches_its_own_names_alone(what: str) -> None:
    pattern = getattr(partner_topology.permission("acme"), what)
    assert re.search(pattern, "partner.acme.answers")
    foreign = (
        "partner.acme",
        "partner.globex.answers",
        "partner.acme2.answers",
        "ocr.tracking",
        "amq.default",
    )
    others = [queue.name for queue in topology.QUEUES] + ["ocr.intake.acme", "ocr.tasks", "ocr.dead"]
    assert not any(re.search(pattern, name) for name in (*foreign, *others))


def test_an_intake_has_limits_by_exactly_one_policy_and_gives_letters_away_at_least_once() -> None:
    queue = partner_topology.intake_queue("acme")
    (policy,) = (one for one in topology.POLICIES if re.search(one.pattern, queue.name))
    assert policy.definition["dead-letter-strategy"] == "at-least-once"
    assert policy.definition["overflow"] == "reject-publish"
    assert (topology.DEAD, topology.INTAKE_DEAD, topology.INTAKE_DEAD) in {
        (one.exchange, one.queue, one.routing_key) for one in topology.BINDINGS
    }


def test_what_a_partner_declares_has_limits() -> None:
    (policy,) = (one for one in topology.POLICIES if re.search(one.pattern, "partner.acme.answers"))
    assert {"max-length", "max-length-bytes", "message-ttl", "expires"} == set(policy.definition)
