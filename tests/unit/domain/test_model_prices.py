"""What an answer costs."""

import pytest

from common.domain.model_prices import ModelPrice, price_of

PRICES = {"reader-2": ModelPrice(input=2, output=10)}


def test_tokens_cost_by_the_million_and_cached_ones_more_to_write_and_less_to_read() -> None:
    assert PRICES["reader-2"].cost(1_000_000, 100_000) == pytest.approx(3)
    assert PRICES["reader-2"].cost(0, 0, cache_write=1_000_000) == pytest.approx(2.5)
    assert PRICES["reader-2"].cost(0, 0, cache_read=1_000_000) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("model", "has_price"),
    [("reader-2", True), ("reader-2-20261001", True), ("reader-2-5", False), ("reader", False)],
)
def test_a_model_has_the_price_of_its_own_name_with_or_without_a_date(model: str, has_price: bool) -> None:
    assert (price_of(model, PRICES) is not None) == has_price
