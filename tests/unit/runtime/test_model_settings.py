"""When a model is configured, and what is known of it."""

import pytest

from common.runtime.model_settings import ModelSettings


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_without_key_token_and_address_no_model_is_configured() -> None:
    assert not ModelSettings().is_configured


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"])
def test_one_of_them_configures_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "something")
    assert ModelSettings().is_configured


def test_the_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    assert "sk-secret" not in repr(ModelSettings())


def test_prices_that_are_set_join_the_published_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCR_MODEL_PRICES", '{"mine": {"input": 1, "output": 2}}')
    prices = ModelSettings().prices
    assert prices["mine"].output == 2
    assert prices["claude-sonnet-5-5"].input == 2


def test_without_prices_set_the_published_ones_count() -> None:
    assert "claude-sonnet-5-5" in ModelSettings().prices
