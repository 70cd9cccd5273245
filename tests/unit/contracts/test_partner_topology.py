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


def test_an_intake_has_limits_by_exactly_one_policy_and_what_is_too_much_is_refused() -> None:
    queue = partner_topology.intake_queue("acme")
    (policy,) = (one for one in topology.POLICIES if re.search(one.pattern, queue.name))
    assert policy.definition["overflow"] == "reject-publish"
    assert policy.definition["max-length-bytes"] <= 4 * 1024**3


def test_a_request_that_expires_or_comes_too_often_is_no_dead_letter() -> None:
    """Else a sender could fill the broker with files that no limit of its account has seen."""
    wanted = {"x-queue-type": "quorum", "x-single-active-consumer": True}
    assert partner_topology.intake_queue("acme").arguments == wanted


def test_what_a_partner_declares_has_limits_whatever_its_type() -> None:
    """A policy applies where the queue's type knows all of its keys; the first such one does, alone."""
    found = [one for one in topology.POLICIES if re.search(one.pattern, "partner.acme.answers")]
    queues, streams = sorted(found, key=lambda one: -one.priority)
    assert set(queues.definition) == {"max-length", "max-length-bytes", "message-ttl", "expires"}
    assert set(streams.definition) == {"max-length-bytes", "max-age", "stream-max-segment-size-bytes"}
    assert queues.priority > streams.priority
