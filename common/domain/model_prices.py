"""What tokens cost, by model, and what an answer cost by that."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

_MILLION: Final = 1_000_000


class ModelPrice(BaseModel):
    """USD per million tokens. What is not said of the cache follows from ``input`` as it does with Anthropic:
    a quarter more to write, a tenth to read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cache_write: float | None = Field(None, ge=0)
    cache_read: float | None = Field(None, ge=0)

    def cost(self, input_tokens: int, output_tokens: int, cache_write: int = 0, cache_read: int = 0) -> float:
        """In USD."""
        write_price = 1.25 * self.input if self.cache_write is None else self.cache_write
        read_price = 0.1 * self.input if self.cache_read is None else self.cache_read
        total = (
            input_tokens * self.input
            + output_tokens * self.output
            + cache_write * write_price
            + cache_read * read_price
        )
        return total / _MILLION


# As published by Anthropic in autumn 2026. A model that is not here has no price.
PUBLISHED: Final[Mapping[str, ModelPrice]] = {
    "claude-opus-5-5": ModelPrice(input=4, output=20),
    "claude-opus-5": ModelPrice(input=5, output=25),
    "claude-sonnet-5-5": ModelPrice(input=2, output=10),
    "claude-sonnet-5": ModelPrice(input=2, output=10),
    "claude-haiku-4-5": ModelPrice(input=1, output=5),
}


def price_of(model: str, prices: Mapping[str, ModelPrice]) -> ModelPrice | None:
    """The price of exactly that model; a date at the end (``-20251001``) makes no other model of it."""
    if model in prices:
        return prices[model]
    name, _, date = model.rpartition("-")
    return prices.get(name) if len(date) == 8 and date.isdigit() else None
