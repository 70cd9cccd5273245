"""Reads the plans from their file, and says of a wrong one what is wrong and what would be right."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from common.domain.plans import Allowance, Plan, Plans, Prices
from common.errors import PlansInvalid

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# Given by where a plan stands in the file, or by the service.
_NOT_IN_THE_FILE = {"name", "is_offered"}


def load_plans(path: Path) -> Plans:
    """Raises PlansInvalid, whose message names the file, every wrong field and what is allowed there."""
    try:
        return Plans.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise PlansInvalid(
            f"{path}: the plans cannot be read: {error.strerror}. OCR_PLANS_FILE names them."
        ) from error
    except UnicodeDecodeError as error:
        raise PlansInvalid(f"{path}: this is not a text in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise PlansInvalid(f"{path}: this is not TOML: {error}.") from error
    except ValidationError as error:
        raise PlansInvalid("\n".join(f"{path}: {_told(one)}" for one in error.errors())) from error


def _told(error: "ErrorDetails") -> str:
    place = [str(part) for part in error["loc"]]
    where = ".".join(place)
    match error["type"]:
        case "extra_forbidden":
            return f"{where}: there is no such setting; there are: {', '.join(_settings(place[:-1]))}."
        case "missing":
            return f"{where}: this is missing."
        case "value_error":
            said = str(error["ctx"]["error"])
            return f"{where}: {said}." if where else f"{said}."
        case "string_pattern_mismatch":
            return f"{where}: a plan is called by up to 40 of a-z, 0-9 and hyphens, with no hyphen first."
        case "dict_type" | "model_type":
            return f"{where}: this should be a table of settings, not {_shown(error['input'])}."
        case _:
            return f"{where}: {error['msg']}, not {_shown(error['input'])}."


def _settings(table: list[str]) -> Iterable[str]:
    """What may stand in the table of the file."""
    kind: type[BaseModel] = Plans
    match table:
        case ["credits"]:
            kind = Prices
        case ["plans", _]:
            kind = Plan
        case ["plans", _, "allowance"]:
            kind = Allowance
    return [name for name in kind.model_fields if name not in _NOT_IN_THE_FILE]


def _shown(value: Any) -> str:
    return "a table" if isinstance(value, dict) else repr(value)
