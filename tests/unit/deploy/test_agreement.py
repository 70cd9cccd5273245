"""What two files of a production stack say of the same thing: names, paths, ports, labels."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.production.processes import PROCESSES
from deploy.production.secrets import NAMESPACE, Engines, Secrets
from tests.unit.deploy.manifests import DOCKERFILE, ROOT, SETTINGS, compose, resources

NAMES = [process.name for process in PROCESSES]
DASHED = [name.replace("_", "-") for name in NAMES]
SERVICES: dict[str, dict[str, Any]] = compose()["services"]

BROKER, MONGO = {"app.kubernetes.io/name": "rabbitmq"}, {"app": "mongo-svc"}
PROCESS = {"ocr-fleet/role": "process"}
# Of pods that operators' charts make.
FOREIGN = [BROKER, MONGO, {"k8s-app": "kube-dns"}, {"app.kubernetes.io/name": "prometheus"}]


def port_of(place: str) -> int:
    return int(place.rpartition(":")[2])


AMQP, MANAGEMENT, STORE = map(port_of, (Engines().broker, Engines().management, Engines().store))


def in_image(name: str) -> str:
    (value,) = set(re.findall(rf"\b{name}=(\S+)", DOCKERFILE))
    return str(value)


def policy(name: str) -> dict[str, Any]:
    spec: dict[str, Any] = resources("NetworkPolicy")[name]["spec"]
    return spec


def ports(rules: list[dict[str, Any]], side: str, labels: dict[str, str]) -> list[Any]:
    """The ports of the rules about pods with these labels; None where a rule allows all."""
    return [
        [one["port"] for one in rule["ports"]] if "ports" in rule else None
        for rule in rules
        if any(peer.get("podSelector", {}).get("matchLabels") == labels for peer in rule.get(side, ()))
    ]


# --- compose.yaml -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
def test_a_file_that_a_service_is_told_to_read_is_a_secret_of_its_own(service: str) -> None:
    own = {f"/run/secrets/{secret['target']}" for secret in SERVICES[service].get("secrets", ())}
    told = SERVICES[service].get("environment", {})
    named = {value for name, value in told.items() if name.endswith("_FILE") and name != "OCR_PLANS_FILE"}
    assert named <= own


def test_the_broker_reads_its_definitions_where_they_are_put() -> None:
    told = (ROOT / "deploy/rabbitmq/rabbitmq.conf").read_text()
    (secret,) = SERVICES["rabbitmq"]["secrets"]
    assert f"definitions.local.path = /run/secrets/{secret['target']}\n" in told
    broker = resources("RabbitmqCluster")["rabbitmq"]["spec"]
    (container,) = broker["override"]["statefulSet"]["spec"]["template"]["spec"]["containers"]
    (mount,) = container["volumeMounts"]
    assert (
        f"definitions.local.path = {mount['mountPath']}/definitions.json"
        in broker["rabbitmq"]["additionalConfig"].splitlines()
    )


def test_the_broker_counts_with_no_more_memory_than_its_container_has() -> None:
    told = (ROOT / "deploy/rabbitmq/rabbitmq.conf").read_text()
    (gigabytes,) = re.findall(r"^total_memory_available_override_value = (\d+)GB$", told, flags=re.MULTILINE)
    limit = SERVICES["rabbitmq"]["deploy"]["resources"]["limits"]["memory"]
    assert int(gigabytes) * 10**9 <= int(limit.removesuffix("G")) * 1024**3


def test_the_database_is_one_replica_set_under_one_name() -> None:
    name = Engines().replica_set
    assert f"--replSet={name}" in SERVICES["mongo"]["command"]
    assert SERVICES["mongo-setup"]["environment"]["MONGO_REPLICA_SET"] == name
    assert SERVICES["mongo-setup"]["environment"]["MONGO_MEMBER"] == Engines().store
    assert set(resources("MongoDBCommunity")) == {name}


@pytest.mark.parametrize("process", NAMES)
def test_what_a_process_writes_lies_on_volumes_of_its_own(process: str) -> None:
    mounted = {mount.partition(":")[2] for mount in SERVICES[process]["volumes"]}
    wanted = {in_image("CACHE_DIR")} | ({in_image("SPOOL_DIR")} if process == "front" else set())
    assert mounted == wanted
    assert any(place.startswith("/tmp:") for place in SERVICES[process]["tmpfs"])
    for name in mounted:
        assert name in DOCKERFILE[: DOCKERFILE.index("AS packages")], "made with the process's own user"


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_is_root(service: str) -> None:
    assert SERVICES[service].get("user", "10001").partition(":")[0] != "0"


def test_the_proxy_may_keep_its_certificates() -> None:
    """Caddy's image leaves /data to root and its group, and a named volume is as the image has it."""
    assert SERVICES["proxy"]["user"].endswith(":0")
    assert f"proxy-data:{SERVICES['proxy']['environment']['XDG_DATA_HOME']}" in SERVICES["proxy"]["volumes"]


def test_the_dashboard_asks_by_the_label_that_prometheus_gives() -> None:
    told = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    (relabelled,) = [one["relabel_configs"] for one in told["scrape_configs"] if "relabel_configs" in one]
    assert [one["target_label"] for one in relabelled] == ["process"]


# --- Kubernetes ---------------------------------------------------------------------------------------------


def test_processes_reach_names_the_broker_and_the_database_on_their_ports() -> None:
    egress = policy("processes")["egress"]
    (dns, *_) = egress
    assert [(one["port"], one["protocol"]) for one in dns["ports"]] == [(53, "UDP"), (53, "TCP")]
    assert ports(egress, "to", BROKER) == [[AMQP]]
    assert ports(egress, "to", MONGO) == [[STORE]]
    assert len(egress) == 3


def test_the_engines_are_reached_by_processes_and_by_their_own_nodes() -> None:
    broker, mongo = policy("rabbitmq")["ingress"], policy("mongo")["ingress"]
    assert ports(broker, "from", PROCESS) == [[AMQP]]
    assert ports(broker, "from", BROKER) == [None], "nodes talk on ports of their choice"
    assert ports(mongo, "from", PROCESS) == ports(mongo, "from", MONGO) == [[STORE]]
    assert policy("rabbitmq")["podSelector"]["matchLabels"] == BROKER
    assert policy("mongo")["podSelector"]["matchLabels"] == MONGO


def test_the_ports_of_a_front_and_of_metrics_are_those_of_the_images() -> None:
    (web,), (metrics,) = policy("front")["ingress"], policy("processes")["ingress"]
    assert web["ports"] == [{"port": int(in_image("FRONT_PORT"))}]
    assert metrics["ports"] == [{"port": int(in_image("METRICS_PORT"))}]
    (container,) = resources("Deployment")["front"]["spec"]["template"]["spec"]["containers"]
    listening = {one["name"]: one["containerPort"] for one in container["ports"]}
    assert listening == {"http": int(in_image("FRONT_PORT")), "metrics": int(in_image("METRICS_PORT"))}
    (served,) = resources("Service")["front"]["spec"]["ports"]
    assert served["targetPort"] in listening


def test_keda_finds_the_broker_from_its_own_namespace_and_is_let_in(tmp_path: Path) -> None:
    Secrets(tmp_path, Engines()).write()
    asked = urlsplit((tmp_path / "keda/host").read_text())
    assert (asked.hostname, asked.port) == (f"rabbitmq.{NAMESPACE}.svc", MANAGEMENT)
    assert resources("Namespace")[NAMESPACE]["metadata"]["name"] == NAMESPACE
    (reference,) = resources("TriggerAuthentication")["rabbitmq"]["spec"]["secretTargetRef"]
    made = {
        one["name"]: one
        for one in json.loads((tmp_path / "kustomization.yaml").read_text())["secretGenerator"]
    }
    assert [Path(file).name for file in made[reference["name"]]["files"]] == [reference["key"]]
    for scaled in resources("ScaledObject").values():
        for trigger in scaled["spec"]["triggers"]:
            assert trigger["authenticationRef"] == {"name": "rabbitmq"}
    let_in = [
        rule["ports"]
        for rule in policy("rabbitmq")["ingress"]
        for peer in rule["from"]
        if peer.get("namespaceSelector", {}).get("matchLabels") == {"kubernetes.io/metadata.name": "keda"}
    ]
    assert let_in == [[{"port": MANAGEMENT}]]


@pytest.mark.parametrize("worker", ["export", "chat"])
def test_workers_without_windows_grow_before_tasks_wait_long(worker: str) -> None:
    fields = SETTINGS[worker][0].model_fields
    held = fields["slots"].default * (1 + fields["prefetch"].default)
    for trigger in resources("ScaledObject")[worker]["spec"]["triggers"]:
        assert fields["slots"].default <= float(trigger["metadata"]["value"]) <= held


@pytest.mark.parametrize("name", [*DASHED, "rabbitmq", "mongo"])
def test_disruptions_take_some_pods_of_their_own_and_never_all(name: str) -> None:
    spec = resources("PodDisruptionBudget")[name]["spec"]
    own = {"mongo": MONGO, "rabbitmq": BROKER}.get(name, {"app.kubernetes.io/name": name})
    assert spec["selector"]["matchLabels"] == own
    assert ("unhealthyPodEvictionPolicy" in spec) == (name in DASHED), "without a broker no worker is ready"
    if "minAvailable" in spec:
        assert 1 <= spec["minAvailable"] < resources("Deployment")[name]["spec"]["replicas"]
    else:
        assert spec["maxUnavailable"] in (1, "25%")


@pytest.mark.parametrize("name", ["admin", *DASHED])
def test_a_pod_finds_its_secrets_and_folders_and_is_found_by_prometheus(name: str) -> None:
    (container,) = resources("Deployment")[name]["spec"]["template"]["spec"]["containers"]
    told = {one["name"]: one["value"] for one in container["env"]}
    mounts = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
    assert told["SECRETS_DIR"] == mounts["secrets"] and mounts["tmp"] == "/tmp"
    for folder, volume in (("CACHE_DIR", "cache"), ("SPOOL_DIR", "spool")):
        assert told.get(folder, "").startswith(mounts.get(volume, "")) and (folder in told) == (
            volume in mounts
        )
    if name != "admin":
        listening = {one["name"]: one["containerPort"] for one in container["ports"]}
        annotations = resources("Deployment")[name]["spec"]["template"]["metadata"]["annotations"]
        assert str(listening["metrics"]) == annotations["prometheus.io/port"] == in_image("METRICS_PORT")


@pytest.mark.parametrize("name", ["admin", *DASHED])
def test_a_deployment_and_what_stands_before_it_find_its_pods(name: str) -> None:
    spec = resources("Deployment")[name]["spec"]
    labels = spec["template"]["metadata"]["labels"].items()
    assert labels >= spec["selector"]["matchLabels"].items()
    assert labels >= PROCESS.items()
    if name in resources("Service"):
        assert labels >= resources("Service")[name]["spec"]["selector"].items()
    if name in resources("NetworkPolicy"):
        assert labels >= policy(name)["podSelector"]["matchLabels"].items()


def test_every_pod_that_a_policy_speaks_of_is_ours_or_a_known_charts() -> None:
    ours = [one["spec"]["template"]["metadata"]["labels"] for one in resources("Deployment").values()]
    for name in resources("NetworkPolicy"):
        for rule in (*policy(name).get("ingress", ()), *policy(name).get("egress", ())):
            for peer in (*rule.get("from", ()), *rule.get("to", ())):
                labels = peer.get("podSelector", {}).get("matchLabels", {})
                assert any(one.items() >= labels.items() for one in (*ours, *FOREIGN)), (name, labels)
