"""Secrets that come from files instead of the environment."""

from pathlib import Path

import pytest

from common.runtime.model_settings import ModelSettings
from common.runtime.settings import SECRETS_DIR, FleetSettings
from front.settings import FrontSettings

URL = "amqp://front:a-secret@broker:5672/ocr"


@pytest.fixture(autouse=True)
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AMQP_URL", "MONGO_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(SECRETS_DIR, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["amqp_url", "AMQP_URL"])
def test_a_secret_is_read_from_the_file_of_its_name(secrets: Path, name: str) -> None:
    (secrets / name).write_text(f"{URL}\n")
    assert FleetSettings().amqp_url == URL
    assert FrontSettings().amqp_url == URL


def test_a_secret_that_kubernetes_mounts_is_read_through_its_links(secrets: Path) -> None:
    (secrets / "..2026_11_23").mkdir()
    (secrets / "..2026_11_23" / "amqp_url").write_text(URL)
    (secrets / "..data").symlink_to("..2026_11_23")
    (secrets / "amqp_url").symlink_to("..data/amqp_url")
    assert FleetSettings().amqp_url == URL


def test_the_environment_goes_before_the_file(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (secrets / "amqp_url").write_text(URL)
    monkeypatch.setenv("AMQP_URL", "amqp://elsewhere")
    assert FleetSettings().amqp_url == "amqp://elsewhere"


def test_the_key_of_a_model_is_read_from_its_file(secrets: Path) -> None:
    (secrets / "anthropic_api_key").write_text("sk-secret")
    key = ModelSettings().anthropic_api_key
    assert key and key.get_secret_value() == "sk-secret"


def test_an_empty_file_is_no_secret(secrets: Path) -> None:
    (secrets / "anthropic_api_key").write_text("\n")
    assert not ModelSettings().is_configured


def test_without_the_folder_there_are_the_defaults(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRETS_DIR, str(secrets / "missing"))
    assert FleetSettings().amqp_url.startswith("amqp://guest")
