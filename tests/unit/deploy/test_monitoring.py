"""Alert rules and the dashboard: what Prometheus and Grafana would not load, or would never tell."""

import json
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.dashboard import DATASOURCE, dashboard
from tests.stack import CHECKOUT

PROMETHEUS, GRAFANA = CHECKOUT / "deploy" / "prometheus", CHECKOUT / "deploy" / "grafana"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
CASES = Path(__file__).with_name("alert_cases.yml")


def promtool(*arguments: object) -> None:
    done = subprocess.run(
        ["promtool", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=50
    )
    assert done.returncode == 0, done.stdout + done.stderr


def rules() -> list[dict[str, Any]]:
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def test_the_rules_can_be_read() -> None:
    promtool("check", "rules", *RULES)


def test_alerts_fire_when_they_have_to_and_only_then() -> None:
    promtool("test", "rules", CASES)


def test_each_alert_is_tested_firing_and_silent() -> None:
    fires: dict[str, set[bool]] = {}
    for case in yaml.safe_load(CASES.read_text())["tests"]:
        for one in case["alert_rule_test"]:
            fires.setdefault(one["alertname"], set()).add(bool(one["exp_alerts"]))
    assert fires == {rule["alert"]: {True, False} for rule in rules()}


def test_each_alert_says_how_bad_it_is_and_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
        assert rule["annotations"].keys() == {"summary", "action"}, rule["alert"]


def test_prometheus_can_read_its_configuration(tmp_path: Path) -> None:
    configuration = (PROMETHEUS / "prometheus.yml").read_text()
    assert "/etc/prometheus/rules/*.yml" in configuration
    (tmp_path / "rules").symlink_to(PROMETHEUS / "rules")
    file = tmp_path / "prometheus.yml"
    file.write_text(configuration.replace("/etc/prometheus/", f"{tmp_path}/"))
    promtool("check", "config", file)


def test_the_dashboard_that_grafana_loads_is_current() -> None:
    assert json.loads((GRAFANA / "dashboards" / "ocr-fleet.json").read_text()) == dashboard()


def test_every_query_can_be_read(tmp_path: Path) -> None:
    exprs = [query["expr"] for panel in panels() for query in panel["targets"]]
    recorded = [
        {"record": f"panel:{number}", "expr": expr.replace("$__rate_interval", "5m")}
        for number, expr in enumerate(exprs)
    ]
    assert "$" not in "".join(rule["expr"] for rule in recorded)
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))
    promtool("check", "rules", file)


def test_every_panel_asks_the_datasource_that_is_provisioned() -> None:
    provisioned = GRAFANA / "provisioning" / "datasources"
    (source,) = [
        one for file in provisioned.glob("*.yaml") for one in yaml.safe_load(file.read_text())["datasources"]
    ]
    assert (source["type"], source["uid"]) == (DATASOURCE["type"], DATASOURCE["uid"])
    for panel in panels():
        assert panel["targets"], panel["title"]
        assert {query["datasource"]["uid"] for query in panel["targets"]} == {source["uid"]}


def test_no_panel_covers_another() -> None:
    everything = dashboard()["panels"]
    assert len({panel["id"] for panel in everything}) == len(everything)
    places = sorted((panel["gridPos"] for panel in everything), key=lambda at: (at["y"], at["x"]))
    for first, second in pairwise(places):
        assert second["y"] >= first["y"] + first["h"] or (
            second["y"] == first["y"] and second["x"] >= first["x"] + first["w"]
        )
    assert all(at["x"] + at["w"] <= 24 for at in places)


@pytest.mark.parametrize("row", ["Throughput", "Waits", "Failures", "Money", "Model", "Broker and disks"])
def test_there_is_a_row_for_what_operators_ask(row: str) -> None:
    assert row in [panel["title"] for panel in dashboard()["panels"] if panel["type"] == "row"]
