"""What was asked, as it lies in its blob."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Turn(BaseModel):
    """A question of before, with its answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    answer: str


class Asked(BaseModel):
    """``earlier``: of the same conversation, oldest first; ``title``: the file's name without its ending."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message: str
    earlier: tuple[Turn, ...] = ()
    title: str = ""

    @property
    def earlier_questions(self) -> list[str]:
        return [turn.question for turn in self.earlier]


def asked_in(path: Path) -> Asked:
    return Asked.model_validate_json(path.read_bytes())
