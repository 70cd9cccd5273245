"""What setting up the database is told; the passwords come from files."""

from pydantic import SecretStr

from common.runtime.settings import ProcessSettings


class DatabaseSettings(ProcessSettings):
    """``mongo_member`` is ``host:port`` as clients see it."""

    mongo_member: str = "mongo:27017"
    mongo_replica_set: str = "mongo"
    root_password: SecretStr
    front_password: SecretStr
    ocr_cpu_password: SecretStr
    ocr_vlm_password: SecretStr
    export_password: SecretStr
    chat_password: SecretStr

    def password_of(self, process: str) -> str:
        password: SecretStr = getattr(self, f"{process}_password")
        return password.get_secret_value()
