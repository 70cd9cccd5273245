"""compose.yaml and the images say what the code says."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.runtime.ending import MARGIN_S
from deploy.production.processes import PROCESSES
from deploy.production.secrets import Engines, Secrets
from tests.unit.deploy.manifests import (
    DOCKERFILE,
    RESERVE_S,
    ROOT,
    SETTINGS,
    compose,
    drain_s,
    image_stage,
    names,
    variables,
)

NAMES = [process.name for process in PROCESSES]
SERVICES: dict[str, dict[str, Any]] = compose()["services"]
ENGINES = {"rabbitmq", "mongo"}


def networks(service: str) -> set[str]:
    return set(SERVICES[service].get("networks", ()))


def neighbours(service: str, network: str) -> set[str]:
    return {name for name in SERVICES if network in networks(name)} - {service}


@pytest.mark.parametrize("process", NAMES)
def test_every_process_is_a_service_of_its_image(process: str) -> None:
    assert SERVICES[process]["build"]["target"] == process
    assert SERVICES[process]["image"].startswith(f"ocr-fleet/{process}:")
    module = "front" if process == "front" else f"workers.{process}"
    assert f'CMD ["python", "-m", "{module}"]' in image_stage(process)
    assert (ROOT / module.replace(".", "/") / "__main__.py").exists()


@pytest.mark.parametrize("service", SETTINGS)
def test_what_a_service_is_told_is_a_setting_of_its_process(service: str) -> None:
    assert set(SERVICES[service]["environment"]) <= variables(service)


def test_what_the_images_set_are_settings_of_every_process_in_them() -> None:
    others = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    others |= {"OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "ORT_DISABLE_TELEMETRY"}
    for process in NAMES:
        of_all = set(re.findall(r"([A-Z_]+)=", image_stage("process")))
        own = set(re.findall(r"([A-Z_]+)=", image_stage(process)))
        assert (of_all | own) - others <= variables(process)


@pytest.mark.parametrize("process", NAMES)
def test_no_process_is_killed_before_it_would_end_itself(process: str) -> None:
    grace_s = int(SERVICES[process]["stop_grace_period"].removesuffix("s"))
    assert grace_s >= drain_s(process) + MARGIN_S + RESERVE_S


@pytest.mark.parametrize("process", NAMES)
def test_a_process_is_asked_whether_it_takes_work(process: str) -> None:
    assert "/readyz" in SERVICES[process]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("process", NAMES)
def test_a_secret_of_a_process_has_the_name_of_a_setting(process: str) -> None:
    targets = {secret["target"].upper() for secret in SERVICES[process]["secrets"]}
    assert {"AMQP_URL", "MONGO_URL"} <= targets <= variables(process)


def test_who_sets_the_database_up_is_given_every_password() -> None:
    targets = {secret["target"].upper() for secret in SERVICES["mongo-setup"]["secrets"]}
    assert targets == {name for name in names(SETTINGS["mongo-setup"][0]) if name.endswith("PASSWORD")}


def test_the_operators_command_has_what_it_takes_to_add_a_partner_and_nobody_else_has() -> None:
    targets = {secret["target"].upper() for secret in SERVICES["admin"]["secrets"]}
    assert {"AMQP_URL", "AMQP_MANAGEMENT_URL", "MONGO_URL"} == targets <= variables("admin")
    assert set.intersection(*(networks(name) for name in ("admin", *ENGINES))) == {"setup"}
    assert SERVICES["admin"]["profiles"] == ["setup"]
    admins = [
        name
        for name, service in SERVICES.items()
        if "admin-amqp-management-url" in {secret["source"] for secret in service.get("secrets", ())}
    ]
    assert admins == ["admin"]


def test_every_secret_is_declared_used_and_written(tmp_path: Path) -> None:
    Secrets(tmp_path / ".secrets", Engines()).write()
    used = {secret["source"] for service in SERVICES.values() for secret in service.get("secrets", ())}
    assert used == set(compose()["secrets"])
    for secret in compose()["secrets"].values():
        assert (tmp_path / secret["file"]).is_file()


def test_a_process_is_given_no_secret_of_another() -> None:
    for process in NAMES:
        for secret in SERVICES[process]["secrets"]:
            assert compose()["secrets"][secret["source"]]["file"].startswith(f".secrets/{process}/")


@pytest.mark.parametrize("process", NAMES)
def test_a_process_meets_the_broker_and_the_database_alone(process: str) -> None:
    assert neighbours(process, process) == {*ENGINES, "prometheus"}
    asks_model = next(one.asks_model for one in PROCESSES if one.name == process)
    beyond = {"front": {"web"}}.get(process, {"model"} if asks_model else set())
    assert networks(process) == {process} | beyond


def test_nobody_but_the_proxy_and_who_asks_a_model_reaches_out() -> None:
    outside = {name for name, network in compose()["networks"].items() if not (network or {}).get("internal")}
    reaching = {name for name in SERVICES if networks(name) & outside}
    assert reaching == {"proxy", "ocr_vlm", "chat"}


def test_only_the_proxy_is_reached_from_outside_and_what_is_for_operators_from_this_host() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    public = [port for port in SERVICES["proxy"]["ports"] if not port.startswith("127.0.0.1:")]
    assert public == ["0.0.0.0:80:8080", "0.0.0.0:443:8443"]


def test_partners_are_let_in_to_the_broker_by_tls_alone() -> None:
    added = yaml.safe_load((ROOT / "compose.partners.yaml").read_text())
    (broker,) = added["services"].values()
    assert broker["ports"] == ["0.0.0.0:5671:5671"]
    told = (ROOT / added["configs"]["rabbitmq-partners"]["file"]).read_text()
    assert "listeners.ssl.default = 5671" in told and "listeners.tcp" not in told
    for secret in broker["secrets"]:
        assert f"/run/secrets/{secret['target']}" in told


def test_the_front_believes_the_one_proxy_in_front_of_it() -> None:
    assert SERVICES["front"]["environment"]["FRONT_TRUSTED_HOPS"] == "1"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_no_rights_and_cannot_change_its_image(service: str) -> None:
    told = SERVICES[service]
    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert set(told.get("cap_add", ())) <= ({"NET_BIND_SERVICE"} if service == "proxy" else set())
    if "user" not in told:
        target = told["image"].removeprefix("ocr-fleet/").partition(":")[0]
        assert "\nUSER 10001:10001\n" in image_stage(target)


@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"admin", "mongo-setup", "secrets"}))
def test_a_service_has_limits_and_is_asked_how_it_is(service: str) -> None:
    assert {"cpus", "memory"} <= set(SERVICES[service]["deploy"]["resources"]["limits"])
    assert SERVICES[service]["healthcheck"]["test"]


def test_what_is_mounted_is_here() -> None:
    for config in compose()["configs"].values():
        assert (ROOT / config["file"]).is_file()
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", ())]
    for mount in mounts:
        source = mount.split(":")[0]
        if source.startswith("./deploy/"):
            assert (ROOT / source).is_dir()
        elif source != "./.secrets":
            assert source in compose()["volumes"]


def test_prometheus_asks_every_process() -> None:
    told = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    asked = next(job for job in told["scrape_configs"] if job["job_name"] == "ocr-fleet")["dns_sd_configs"][0]
    assert asked["names"] == NAMES
    assert f"METRICS_PORT={asked['port']}" in DOCKERFILE


def test_nothing_is_copied_into_an_image_that_the_ignored_files_keep_out() -> None:
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE))
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE)
        for source in line.split()[:-1]
    }
    for source in copied:
        assert (ROOT / source).exists()
        assert any(source == one or source.startswith(f"{one}/") for one in let_in)
