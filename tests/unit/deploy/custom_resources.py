"""What we use of resources that Kubernetes itself does not know: names and places of members, no more. It is
written by hand and knows less than the operators' own definitions; whoever uses another member adds it.

https://keda.sh/docs/latest/reference/scaledobject-spec, https://keda.sh/docs/2.11/scalers/rabbitmq-queue,
https://github.com/rabbitmq/cluster-operator (docs/examples/production-ready, api/v1beta1),
https://github.com/mongodb/mongodb-kubernetes-operator (docs/users.md)
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

AtLeast0 = Annotated[int, Field(ge=0)]
AtLeast1 = Annotated[int, Field(ge=1)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Named(Strict):
    name: str


# --- KEDA ---------------------------------------------------------------------------------------------------


class ScalingPolicy(Strict):
    type: Literal["Percent", "Pods"]
    value: AtLeast1
    periodSeconds: AtLeast1


class ScalingRules(Strict):
    stabilizationWindowSeconds: AtLeast0
    policies: list[ScalingPolicy]


class Behavior(Strict):
    scaleDown: ScalingRules


class AutoscalerConfig(Strict):
    behavior: Behavior


class Advanced(Strict):
    horizontalPodAutoscalerConfig: AutoscalerConfig


class QueueMetadata(Strict):
    """All of them texts."""

    protocol: Literal["amqp", "http", "auto"]
    mode: Literal["QueueLength", "MessageRate"]
    queueName: str
    value: Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]


class Trigger(Strict):
    type: Literal["rabbitmq"]
    metadata: QueueMetadata
    authenticationRef: Named


class ScaledObject(Strict):
    scaleTargetRef: Named
    pollingInterval: AtLeast1
    cooldownPeriod: AtLeast0
    minReplicaCount: AtLeast1
    maxReplicaCount: AtLeast1
    advanced: Advanced
    triggers: list[Trigger]


class SecretTarget(Strict):
    parameter: Literal["host"]
    name: str
    key: str


class TriggerAuthentication(Strict):
    secretTargetRef: list[SecretTarget]


# --- the engines' operators; what is a pod's own is Kubernetes' to check --------------------------------

Pod = dict[str, Any]


class Persistence(Strict):
    storage: str


class BrokerConfig(Strict):
    additionalConfig: str


class PodTemplate(Strict):
    spec: Pod


class StatefulSetSpec(Strict):
    template: PodTemplate
    volumeClaimTemplates: list[dict[str, Any]] | None = None


class StatefulSet(Strict):
    spec: StatefulSetSpec


class Override(Strict):
    statefulSet: StatefulSet


class RabbitmqCluster(Strict):
    image: str
    replicas: Literal[1, 3, 5]
    terminationGracePeriodSeconds: AtLeast0
    persistence: Persistence
    resources: Pod
    affinity: Pod
    rabbitmq: BrokerConfig
    override: Override


class Authentication(Strict):
    modes: list[Literal["SCRAM", "SCRAM-SHA-256", "SCRAM-SHA-1", "X509"]]


class Security(Strict):
    authentication: Authentication


class Role(Strict):
    name: str
    db: str


class DatabaseUser(Strict):
    name: str
    db: Literal["admin"]
    passwordSecretRef: Named
    scramCredentialsSecretName: str
    roles: list[Role]


class MongoDBCommunity(Strict):
    type: Literal["ReplicaSet"]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    members: AtLeast1
    security: Security
    users: list[DatabaseUser]
    additionalMongodConfig: dict[str, Any]
    statefulSet: StatefulSet


KINDS: dict[str, type[Strict]] = {
    kind.__name__: kind for kind in (ScaledObject, TriggerAuthentication, RabbitmqCluster, MongoDBCommunity)
}
VERSIONS = {
    "ScaledObject": "keda.sh/v1alpha1",
    "TriggerAuthentication": "keda.sh/v1alpha1",
    "RabbitmqCluster": "rabbitmq.com/v1beta1",
    "MongoDBCommunity": "mongodbcommunity.mongodb.com/v1",
}
