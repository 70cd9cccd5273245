"""The topology as data: what would lose a message if it were wrong."""

import base64
import hashlib
import re
from typing import Any

from common.contracts import topology
from common.contracts.tasks import Lane, Tier
from common.contracts.topology import Role, User, definitions


def test_every_queue_is_durable_and_quorum() -> None:
    for queue in definitions()["queues"]:
        assert queue["durable"] and queue["arguments"]["x-queue-type"] == "quorum", queue["name"]


def test_a_task_reaches_the_queue_of_its_lane_and_comes_back_there_after_a_retry() -> None:
    routes = {(binding.exchange, binding.routing_key): binding.queue for binding in topology.BINDINGS}
    for lane in Lane:
        name = topology.page_queue(Tier.CPU, lane)
        assert routes[topology.TASKS, name] == name
    for delay_s in topology.RETRY_DELAYS_S:
        waiting = next(queue for queue in topology.QUEUES if queue.name == topology.retry_exchange(delay_s))
        assert waiting.dead_letter_exchange == topology.TASKS


def test_a_dead_task_is_kept_and_told_to_the_tracking() -> None:
    for name in topology.TASK_QUEUES:
        taken = {
            binding.queue
            for binding in topology.BINDINGS
            if (binding.exchange, binding.routing_key) == (topology.DEAD, name)
        }
        assert taken == {f"{name}.dead", topology.TRACKING}


def test_every_queue_has_limits_by_exactly_one_policy() -> None:
    for queue in topology.QUEUES:
        matching = [policy.name for policy in topology.POLICIES if re.search(policy.pattern, queue.name)]
        assert len(matching) == 1, (queue.name, matching)


def test_queues_that_give_letters_away_do_so_at_least_once() -> None:
    for queue in topology.QUEUES:
        if queue.dead_letter_exchange:
            (policy,) = (one for one in topology.POLICIES if re.search(one.pattern, queue.name))
            assert policy.definition["dead-letter-strategy"] == "at-least-once"
            assert policy.definition["overflow"] == "reject-publish"


def test_every_user_has_permissions_and_topic_permissions() -> None:
    users = [User(role.value, "secret", role) for role in Role]
    document = definitions(users)
    assert [one["user"] for one in document["permissions"]] == [user.name for user in users]
    by_topic = {(one["user"], one["exchange"]) for one in document["topic_permissions"]}
    topics = [one["name"] for one in document["exchanges"] if one["type"] == "topic"]
    assert by_topic == {(user.name, exchange) for user in users for exchange in topics}


def test_a_worker_may_neither_declare_nor_speak_of_jobs() -> None:
    document = definitions([User("w", "secret", Role.WORKER)])
    (permission,), topic = document["permissions"], _on_results(document)
    assert not re.search(permission["configure"], "ocr.tasks")
    assert not re.search(permission["write"], "ocr.tasks")
    assert not re.search(permission["read"], "ocr.tracking")
    assert re.search(permission["read"], "ocr.cpu.pages.express")
    assert re.search(permission["write"], "ocr.retry.2s")
    assert re.search(topic["write"], "page.recognized") and not re.search(topic["write"], "job.demo.done")


def test_a_password_is_kept_as_a_salted_hash() -> None:
    (user,) = definitions([User("w", "secret", Role.WORKER)])["users"]
    raw = base64.b64decode(user["password_hash"])
    assert raw[4:] == hashlib.sha256(raw[:4] + b"secret").digest()
    assert "secret" not in repr(User("w", "secret", Role.WORKER))


def test_an_export_worker_reads_its_own_tasks_alone_and_tells_of_nothing_else() -> None:
    document = definitions([User("e", "secret", Role.EXPORT_WORKER)])
    (permission,), topic = document["permissions"], _on_results(document)
    readable = [queue.name for queue in topology.QUEUES if re.search(permission["read"], queue.name)]
    assert readable == [topology.EXPORT_QUEUE]
    assert not re.search(permission["configure"], "ocr.tasks")
    assert not re.search(permission["write"], "ocr.tasks")
    for key in ("document.exported", "export.failed"):
        assert re.search(topic["write"], key)
    for key in ("page.recognized", "job.demo.done"):
        assert not re.search(topic["write"], key)


def test_what_workers_tell_reaches_the_tracking() -> None:
    told = {binding.routing_key for binding in topology.BINDINGS if binding.exchange == topology.RESULTS}
    assert told == {"page.*", "document.*", "export.*", "question.*"}


def test_a_chat_worker_reads_its_own_tasks_alone_and_tells_of_nothing_else() -> None:
    document = definitions([User("c", "secret", Role.CHAT_WORKER)])
    (permission,), topic = document["permissions"], _on_results(document)
    readable = [queue.name for queue in topology.QUEUES if re.search(permission["read"], queue.name)]
    assert readable == [topology.CHAT_QUEUE]
    told = ("question.answered", "question.failed", "answer.a5a5")
    assert all(re.search(topic["write"], key) for key in told)
    assert not any(re.search(topic["write"], key) for key in ("page.recognized", "job.demo.done"))


def _on_results(document: dict[str, Any]) -> Any:
    (permission,) = (one for one in document["topic_permissions"] if one["exchange"] == topology.RESULTS)
    return permission


def test_dead_letters_may_be_looked_at_more_often_than_a_broker_lets_by_default() -> None:
    for name in topology.DEAD_QUEUES:
        (policy,) = (one for one in topology.POLICIES if re.search(one.pattern, name))
        assert policy.definition["delivery-limit"] >= 1_000_000, name
