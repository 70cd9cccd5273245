"""A JSON Schema filled from lines of text, by simple rules: what a model would do with a receipt."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_AMOUNT: Final = re.compile(r"-?\d{1,3}(?:[,.' ]\d{3})*(?:[.,]\d{2})?(?!\d)|-?\d+(?:[.,]\d+)?")
_PRICE_AT_END: Final = re.compile(r"^(?P<text>.*\S)\s+\D{0,4}(?P<price>-?\d+[.,]\d{2})\s*\D{0,4}$")
_DATE: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b")
_NO_ITEM: Final = re.compile(r"\b(sub ?-?total|total|tax|vat|mwst|cash|card|change|summe)\b", re.IGNORECASE)
_QUANTITY: Final = re.compile(r"^(\d+)\s*[x×]?\s+")
_CURRENCIES: Final = {"€": "EUR", "$": "USD", "£": "GBP"}
_OF_PARENT: Final = ("value", "text", "quote", "source", "amount_text")
_FIRST_LINE: Final = ("vendor", "merchant", "seller", "supplier", "store", "company", "title", "name")

Definitions = Mapping[str, Any]


def resolved(schema: dict[str, Any], definitions: Definitions) -> dict[str, Any]:
    """Without its reference, and of several kinds the first that is not null."""
    while True:
        if "$ref" in schema:
            schema = definitions[schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema:
            schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
        elif isinstance(schema.get("type"), list):
            schema = {**schema, "type": next(type for type in schema["type"] if type != "null")}
        else:
            return schema


def is_nullable(schema: dict[str, Any]) -> bool:
    kinds = schema.get("type")
    return (isinstance(kinds, list) and "null" in kinds) or any(
        one.get("type") == "null" for one in schema.get("anyOf", ())
    )


def is_left_out(
    schema: dict[str, Any], key: str, lines: Sequence[str], definitions: Definitions, name: str
) -> bool:
    """Whether a member need not be there and is not: what the lines do not say, nobody has to make up."""
    part = schema["properties"][key]
    return (
        key not in schema.get("required", ())
        and not is_nullable(part)
        and _found(resolved(part, definitions), lines, definitions, name) is None
    )


def filled(schema: dict[str, Any], lines: Sequence[str], definitions: Definitions, name: str = "") -> Any:
    """What of the lines belongs into a schema of this name; null, or empty, where nothing does."""
    kind = resolved(schema, definitions)
    found = _found(kind, lines, definitions, name)
    if found is None and not is_nullable(schema):
        return {"number": 0, "integer": 0, "boolean": False, "string": ""}.get(kind.get("type", "string"))
    return found


def _found(kind: dict[str, Any], lines: Sequence[str], definitions: Definitions, name: str) -> Any:
    if "const" in kind:
        return kind["const"]
    if "enum" in kind:
        return next((value for value in kind["enum"] if str(value) in "\n".join(lines)), kind["enum"][0])
    match kind.get("type"):
        case "object":
            return {
                key: filled(part, lines, definitions, called)
                for key, part in kind.get("properties", {}).items()
                if (called := name if key in _OF_PARENT and name else key)
                and not is_left_out(kind, key, lines, definitions, called)
            }
        case "array":
            return _items(resolved(kind.get("items", {}), definitions), lines, definitions)
        case "number" | "integer":
            amount = _number(name, lines)
            return int(amount) if amount is not None and kind["type"] == "integer" else amount
        case "string":
            return _string(name, lines)
    return None


def _items(kind: dict[str, Any], lines: Sequence[str], definitions: Definitions) -> list[Any]:
    """One for each line that ends in a price and is no sum."""
    if kind.get("type") != "object":
        return []
    found = (_PRICE_AT_END.match(line) for line in lines if not _NO_ITEM.search(line))
    return [_item(kind, line["text"], line["price"], definitions) for line in found if line]


def _item(kind: dict[str, Any], text: str, price: str, definitions: Definitions) -> dict[str, Any]:
    quantity = _QUANTITY.match(text)
    made: dict[str, Any] = {}
    for key, part in kind.get("properties", {}).items():
        match resolved(part, definitions).get("type"):
            case "number" | "integer" if "quant" in key or key in ("count", "qty"):
                made[key] = int(quantity[1]) if quantity else 1
            case "number":
                made[key] = _as_number(price)
            case "string" if re.search("price|amount|total", key):
                made[key] = price
            case "string":
                made[key] = text[quantity.end() :] if quantity else text
            case _:
                made[key] = filled(part, [f"{text} {price}"], definitions, key)
    return made


def _number(name: str, lines: Sequence[str]) -> float | None:
    """The last number of the last line that says the name."""
    for line in reversed(_with_name(name, lines)):
        if amounts := _AMOUNT.findall(line):
            return _as_number(amounts[-1])
    return None


def _string(name: str, lines: Sequence[str]) -> str | None:
    text = "\n".join(lines)
    if "date" in name.lower():
        return date[0] if (date := _DATE.search(text)) else None
    if "currency" in name.lower():
        signs = [code for sign, code in _CURRENCIES.items() if sign in text or code in text]
        return signs[0] if signs else None
    for line in _with_name(name, lines):
        rest = re.split(_label(name), line, maxsplit=1)[1].strip(" :.#-\t")
        if rest:
            return rest
    if any(word in name.lower() for word in _FIRST_LINE) and lines:
        return lines[0]
    return None


def _with_name(name: str, lines: Sequence[str]) -> list[str]:
    return [line for line in lines if re.search(_label(name), line)] if name else []


def _label(name: str) -> str:
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("_", " ").split()
    return r"(?i)(?<![\w-])" + r"[ .-]?".join(map(re.escape, words)) + r"(?!\w)"


def _as_number(amount: str) -> float:
    digits = re.sub(r"[' ]", "", amount)
    whole, mark, rest = digits.rpartition(max(".,", key=digits.rfind))
    if not mark or len(rest) == 3:
        return float(re.sub(r"[.,]", "", digits))
    return float(re.sub(r"[.,]", "", whole) + "." + rest)
