"""deploy/kubernetes says what the code and compose.yaml say."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.contracts.tasks import Tier
from common.contracts.topology import CHAT_QUEUE, EXPORT_QUEUE, page_queues
from common.domain.window import window_size
from common.runtime.ending import MARGIN_S
from common.runtime.health import LOOP_LIMIT_S
from deploy.production.processes import PROCESSES
from deploy.production.secrets import Engines, Secrets
from tests.unit.deploy.manifests import (
    RESERVE_S,
    ROOT,
    SETTINGS,
    compose,
    drain_s,
    kubernetes,
    resources,
    variables,
)

NAMES = [process.name for process in PROCESSES]
QUEUES = {
    "ocr-cpu": page_queues(Tier.CPU),
    "ocr-vlm": page_queues(Tier.VLM),
    "export": (EXPORT_QUEUE,),
    "chat": (CHAT_QUEUE,),
}


def dashed(name: str) -> str:
    return name.replace("_", "-")


def pod(process: str) -> dict[str, Any]:
    told: dict[str, Any] = resources("Deployment")[dashed(process)]["spec"]["template"]
    return told


def container(process: str) -> dict[str, Any]:
    (only,) = pod(process)["spec"]["containers"]
    told: dict[str, Any] = only
    return told


@pytest.fixture
def generated(tmp_path: Path) -> set[str]:
    """The names of the Secrets that the folder of secrets makes; each of its files is there."""
    Secrets(tmp_path, Engines()).write()
    told = json.loads((tmp_path / "kustomization.yaml").read_text())
    for secret in told["secretGenerator"]:
        for file in secret["files"]:
            assert (tmp_path / file.rpartition("=")[2]).is_file()
    return {secret["name"] for secret in told["secretGenerator"]}


def test_every_file_is_named_in_the_kustomization() -> None:
    folder = ROOT / "deploy/kubernetes"
    told = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert {*told["resources"], "kustomization.yaml"} == {file.name for file in folder.iterdir()}
    assert {image["name"] for image in told["images"]} == {f"ocr-fleet/{name}" for name in NAMES}


def test_every_process_is_a_deployment_that_disruptions_spare() -> None:
    assert set(resources("Deployment")) == {"admin", *map(dashed, NAMES)}
    assert set(resources("PodDisruptionBudget")) == {*map(dashed, NAMES), "rabbitmq", "mongo"}


@pytest.mark.parametrize("process", NAMES)
def test_what_a_process_is_told_are_its_settings(process: str) -> None:
    assert container(process)["image"] == f"ocr-fleet/{process}"
    assert {one["name"] for one in container(process)["env"]} <= variables(process)


@pytest.mark.parametrize("process", NAMES)
def test_no_process_is_killed_before_it_would_end_itself(process: str) -> None:
    before = container(process).get("lifecycle", {}).get("preStop", {"sleep": {"seconds": 0}})
    ends_after_s = before["sleep"]["seconds"] + drain_s(process) + MARGIN_S
    assert pod(process)["spec"]["terminationGracePeriodSeconds"] >= ends_after_s + RESERVE_S


@pytest.mark.parametrize("process", NAMES)
def test_a_process_is_asked_whether_it_lives_and_whether_it_takes_work(process: str) -> None:
    asked = {
        probe: container(process)[probe]["httpGet"]["path"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    # A front without its broker still hands out results, and all fronts have the same one.
    takes_work = "/livez" if process == "front" else "/readyz"
    assert asked == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": takes_work}
    ports = {probe: container(process)[probe]["httpGet"]["port"] for probe in asked}
    takes_requests = "http" if process == "front" else "metrics"
    assert ports == {
        "startupProbe": "metrics",
        "livenessProbe": "metrics",
        "readinessProbe": takes_requests,
    }
    for probe in asked:
        assert container(process)[probe].get("timeoutSeconds", 1) > LOOP_LIMIT_S


@pytest.mark.parametrize("process", NAMES)
def test_a_process_has_no_rights_and_cannot_change_its_image(process: str) -> None:
    assert pod(process)["spec"]["automountServiceAccountToken"] is False
    assert pod(process)["spec"]["securityContext"]["runAsNonRoot"] is True
    told = container(process)["securityContext"]
    assert told["readOnlyRootFilesystem"] is True and told["allowPrivilegeEscalation"] is False
    assert told["capabilities"]["drop"] == ["ALL"]


@pytest.mark.parametrize("process", NAMES)
def test_a_process_may_use_as_much_memory_as_on_one_host(process: str) -> None:
    limit = compose()["services"][process]["deploy"]["resources"]["limits"]["memory"]
    assert container(process)["resources"]["limits"]["memory"] == f"{limit}i"


@pytest.mark.parametrize("process", NAMES)
def test_the_policies_of_the_network_hold_for_every_process(process: str) -> None:
    policies = resources("NetworkPolicy")
    assert (
        pod(process)["metadata"]["labels"].items()
        >= policies["processes"]["spec"]["podSelector"]["matchLabels"].items()
    )
    (asking,) = policies["model"]["spec"]["podSelector"]["matchExpressions"]
    assert asking["values"] == [dashed(one.name) for one in PROCESSES if one.asks_model]


def test_secrets_that_are_used_are_made(generated: set[str]) -> None:
    used = {
        volume["secret"]["secretName"]
        for process in NAMES
        for volume in pod(process)["spec"]["volumes"]
        if "secret" in volume
    }
    used |= set(_admin_secrets())
    used |= {one["name"] for one in _trigger_secrets()}
    used |= {user["passwordSecretRef"]["name"] for user in _database_users()}
    broker = resources("RabbitmqCluster")["rabbitmq"]["spec"]["override"]["statefulSet"]["spec"]["template"]
    used |= {volume["secret"]["secretName"] for volume in broker["spec"]["volumes"]}
    assert used == generated


def test_the_operators_command_is_not_there_until_it_is_wanted_and_then_reaches_the_management_api() -> None:
    assert resources("Deployment")["admin"]["spec"]["replicas"] == 0
    told = container("admin")
    assert told["securityContext"]["readOnlyRootFilesystem"] is True
    assert {one["name"] for one in told["env"]} <= variables("admin")
    assert set(_admin_secrets()) == {"front", "admin"}
    label = pod("admin")["metadata"]["labels"]
    assert label["ocr-fleet/role"] == "process"
    (out,) = resources("NetworkPolicy")["admin"]["spec"]["egress"]
    let_in = [
        rule["ports"]
        for rule in resources("NetworkPolicy")["rabbitmq"]["spec"]["ingress"]
        if {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "admin"}}} in rule["from"]
    ]
    assert let_in == [out["ports"]] == [[{"port": 15672}]]


@pytest.mark.parametrize("worker", QUEUES)
def test_workers_grow_with_each_of_their_queues(worker: str) -> None:
    told = resources("ScaledObject")[worker]["spec"]
    assert told["scaleTargetRef"]["name"] == worker
    assert tuple(trigger["metadata"]["queueName"] for trigger in told["triggers"]) == QUEUES[worker]
    assert "replicas" not in resources("Deployment")[worker]["spec"]


@pytest.mark.parametrize("process", ["ocr_cpu", "ocr_vlm"])
def test_a_backlog_adds_workers_though_windows_keep_queues_short(process: str) -> None:
    slots = SETTINGS[process][0].model_fields["slots"].default
    backlog = window_size(live_slots=4 * slots, active_jobs=1) / 4
    for trigger in resources("ScaledObject")[dashed(process)]["spec"]["triggers"]:
        assert slots < float(trigger["metadata"]["value"]) < backlog


def test_the_front_alone_is_not_scaled_by_queues() -> None:
    assert set(resources("ScaledObject")) == set(map(dashed, NAMES)) - {"front"}
    assert resources("Deployment")["front"]["spec"]["replicas"] >= 2


def test_users_of_the_database_may_do_what_their_process_needs() -> None:
    told = {user["name"]: {role["db"]: role["name"] for role in user["roles"]} for user in _database_users()}
    assert told == {process.name: process.grants for process in PROCESSES}


def test_the_broker_is_told_the_same_as_on_one_host() -> None:
    told = resources("RabbitmqCluster")["rabbitmq"]["spec"]["rabbitmq"]["additionalConfig"]
    for line in (ROOT / "deploy/rabbitmq/rabbitmq.conf").read_text().splitlines():
        if line.startswith(("max_message_size", "consumer_timeout")):
            assert line in told.splitlines()


def test_a_node_that_fails_takes_neither_all_fronts_nor_a_majority_of_the_engines() -> None:
    (spread,) = pod("front")["spec"]["topologySpreadConstraints"]
    assert spread["topologyKey"] == "kubernetes.io/hostname"
    broker = resources("RabbitmqCluster")["rabbitmq"]["spec"]
    database = resources("MongoDBCommunity")["mongo"]["spec"]
    assert broker["replicas"] == database["members"] == 3
    inner = database["statefulSet"]["spec"]["template"]["spec"]
    for affinity in (broker["affinity"], inner["affinity"]):
        (apart,) = affinity["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert apart["topologyKey"] == "kubernetes.io/hostname"


def test_queues_get_members_on_all_nodes_of_the_broker() -> None:
    told = resources("RabbitmqCluster")["rabbitmq"]["spec"]
    lines = dict(
        line.split(" = ") for line in told["rabbitmq"]["additionalConfig"].splitlines() if " = " in line
    )
    grow = "quorum_queue.continuous_membership_reconciliation"
    assert lines[f"{grow}.enabled"] == "true"
    assert int(lines[f"{grow}.target_group_size"]) == told["replicas"]
    assert lines["cluster_partition_handling"] == "pause_minority"


def test_names_have_no_doubles() -> None:
    everything = [(one["kind"], one["metadata"]["name"]) for one in kubernetes()]
    assert len(everything) == len(set(everything))


def _admin_secrets() -> list[str]:
    (secrets, _) = pod("admin")["spec"]["volumes"]
    return [one["secret"]["name"] for one in secrets["projected"]["sources"]]


def _trigger_secrets() -> list[dict[str, str]]:
    told: list[dict[str, str]] = resources("TriggerAuthentication")["rabbitmq"]["spec"]["secretTargetRef"]
    return told


def _database_users() -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = resources("MongoDBCommunity")["mongo"]["spec"]["users"]
    return told
