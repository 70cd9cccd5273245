"""JSON Schemas of pydantic models, as a document of OpenAPI or AsyncAPI has them."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

Json = dict[str, Any]

_PLACE = "#/components/schemas/"
_SUFFIX = "Shape"


class Schemas:
    """Of all models that are sent to us or answered, each once, with those that they are made of."""

    def __init__(self, *, sent: Iterable[type[BaseModel]], answered: Iterable[type[BaseModel]]) -> None:
        wanted = [*_in_mode("validation", sent), *_in_mode("serialization", answered)]
        _, definitions = models_json_schema(wanted, ref_template=_PLACE + "{model}")
        self.components: Json = _plain(definitions["$defs"])
        assert len(self.components) == len(definitions["$defs"]), "two models would be called alike"

    def of(self, kind: type[BaseModel] | Mapping[str, Any]) -> Json:
        """``kind`` by its reference; a schema stays as it is."""
        return {"$ref": _PLACE + _name(kind.__name__)} if isinstance(kind, type) else dict(kind)


def _in_mode(
    mode: JsonSchemaMode, models: Iterable[type[BaseModel]]
) -> list[tuple[type[BaseModel], JsonSchemaMode]]:
    return [(model, mode) for model in dict.fromkeys(models)]


def _name(model: str) -> str:
    return model.removesuffix(_SUFFIX)


def _plain(schema: Any) -> Any:
    """Without titles that only repeat names and without defaults of what is left out; with the models' names
    in the document's words.
    """
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        _name(name): _name(value) if name == "$ref" else _plain(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str)) and not (name == "default" and value is None)
    }
