"""What asking a model took."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """Tokens as the model's server counts them, those that its cache held or took among the input;
    ``cost_usd`` by the operator's price table, None where that has no price for the model.
    """

    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None

    def __add__(self, other: "ModelUsage") -> "ModelUsage":
        """Of both together; a cost that is not known for one of them is not known for both."""
        known = self.cost_usd is not None and other.cost_usd is not None
        return ModelUsage(
            model=self.model,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=(self.cost_usd or 0.0) + (other.cost_usd or 0.0) if known else None,
        )
