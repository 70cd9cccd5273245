"""Kubernetes' own schemas say nothing of its operators' resources, so ``make check`` passes them over."""

from typing import Any

import kubernetes_validate
import pytest

from tests.unit.deploy.custom_resources import KINDS, VERSIONS
from tests.unit.deploy.manifests import kubernetes, resources

CUSTOM = [one for one in kubernetes() if one["kind"] in KINDS]


@pytest.mark.parametrize("resource", CUSTOM, ids=lambda one: f"{one['kind']}/{one['metadata']['name']}")
def test_it_has_what_its_operator_knows_and_nothing_else(resource: dict[str, Any]) -> None:
    assert set(resource) == {"apiVersion", "kind", "metadata", "spec"}
    assert resource["apiVersion"] == VERSIONS[resource["kind"]]
    KINDS[resource["kind"]].model_validate(resource["spec"])


def test_every_kind_of_resource_is_known_to_somebody() -> None:
    for one in kubernetes():
        assert one["kind"] in KINDS or "." not in one["apiVersion"] or ".k8s.io/" in one["apiVersion"]


def test_pods_that_operators_make_are_pods() -> None:
    broker = resources("RabbitmqCluster")["rabbitmq"]["spec"]
    own = broker["override"]["statefulSet"]["spec"]["template"]["spec"]
    (container,) = own["containers"]
    database = resources("MongoDBCommunity")["mongo"]["spec"]["statefulSet"]["spec"]["template"]["spec"]
    check(
        {
            **own,
            "containers": [{**container, "resources": broker["resources"]}],
            "affinity": broker["affinity"],
        }
    )
    check(database)


def check(spec: dict[str, Any]) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "made"}, "spec": spec}
    kubernetes_validate.validate(pod, kubernetes_validate.latest_version(), strict=True)
