"""What may be set from outside; nothing has to be."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Port = Field(default=None, ge=1, le=65535)


class StackSettings(BaseSettings):
    """Each field is an environment variable of the same name in capitals.

    With AMQP_URL or MONGO_URL set, that broker or database is used and none of our own is started.
    A port that is not set is picked free once, and remembered in the state folder.
    """

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, extra="ignore")

    amqp_url: str | None = Field(None, repr=False)
    amqp_management_url: str | None = Field(None, repr=False)
    mongo_url: str | None = Field(None, repr=False)

    front_port: int | None = Port
    amqp_port: int | None = Port
    amqp_management_port: int | None = Port
    amqp_prometheus_port: int | None = Port
    amqp_distribution_port: int | None = Port
    epmd_port: int | None = Port
    mongo_port: int | None = Port

    def asked_ports(self) -> dict[str, int]:
        """Ports by the name of what listens there, as far as they were set."""
        asked = {
            "front-1": self.front_port,
            "amqp": self.amqp_port,
            "amqp-management": self.amqp_management_port,
            "amqp-prometheus": self.amqp_prometheus_port,
            "amqp-distribution": self.amqp_distribution_port,
            "epmd": self.epmd_port,
            "mongo": self.mongo_port,
        }
        return {name: port for name, port in asked.items() if port is not None}
