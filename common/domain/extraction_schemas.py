"""What receipts and invoices are asked for: JSON Schemas (draft 2020-12) of their fields.

Amounts are numbers with a point; dates are ISO 8601; currencies ISO 4217. What a page does not say is null.
"""

import json
from typing import Any, Final

_Schema = dict[str, Any]


def _maybe(kind: str, description: str) -> _Schema:
    return {"type": [kind, "null"], "description": description}


def _fields(fields: dict[str, _Schema]) -> _Schema:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _list_of(fields: dict[str, _Schema]) -> _Schema:
    return {"type": "array", "items": _fields(fields)}


_ITEM: Final = {
    "description": _maybe("string", "What was bought, as printed."),
    "quantity": _maybe("number", "How many or how much of it."),
    "unit_price": _maybe("number", "The price of one."),
    "amount": _maybe("number", "The price of the line; negative for a discount or a return."),
}
_TAX: Final = {
    "rate": _maybe("number", "In percent: 19 for 19 %."),
    "base": _maybe("number", "The amount that is taxed at this rate, before tax."),
    "amount": _maybe("number", "The tax of this rate."),
}

RECEIPT: Final = json.dumps(
    _fields(
        {
            "merchant": _maybe("string", "Name of the shop."),
            "address": _maybe("string", "Address of the shop, on one line."),
            "tax_id": _maybe("string", "VAT or tax number of the shop."),
            "date": _maybe("string", "Date of the purchase, YYYY-MM-DD."),
            "time": _maybe("string", "Time of the purchase, HH:MM."),
            "number": _maybe("string", "Number of the receipt."),
            "items": _list_of(_ITEM),
            "subtotal": _maybe("number", "The sum before tax, where the receipt states one."),
            "discount": _maybe("number", "Taken off the whole, as a positive number."),
            "tip": _maybe("number", "Tip or service charge."),
            "taxes": _list_of(_TAX),
            "total": _maybe("number", "What was to be paid, tax included: not the cash given or the change."),
            "currency": _maybe("string", "ISO 4217 code of the currency that is printed, such as EUR."),
            "payment_method": _maybe("string", "Cash, card or other, as printed."),
        }
    )
)

INVOICE: Final = json.dumps(
    _fields(
        {
            "number": _maybe("string", "Number of the invoice."),
            "date": _maybe("string", "Date of the invoice, YYYY-MM-DD."),
            "due_date": _maybe("string", "When it is to be paid, YYYY-MM-DD."),
            "seller": _maybe("string", "Name of who sends the invoice."),
            "seller_address": _maybe("string", "On one line."),
            "seller_tax_id": _maybe("string", "VAT or tax number of the seller."),
            "buyer": _maybe("string", "Name of who is to pay."),
            "buyer_address": _maybe("string", "On one line."),
            "buyer_tax_id": _maybe("string", "VAT or tax number of the buyer."),
            "order_number": _maybe("string", "The buyer's reference or order number."),
            "items": _list_of(_ITEM),
            "subtotal": _maybe("number", "The sum before tax."),
            "discount": _maybe("number", "Taken off the whole, as a positive number."),
            "taxes": _list_of(_TAX),
            "total": _maybe("number", "The sum with tax."),
            "amount_due": _maybe("number", "What is left to be paid, where it is stated beside the total."),
            "currency": _maybe("string", "ISO 4217 code of the currency that is printed, such as EUR."),
            "iban": _maybe("string", "Account to pay to."),
        }
    )
)
