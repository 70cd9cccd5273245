"""Elements of WordprocessingML."""

from typing import Final, TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element

NAMESPACE: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES: Final = {"w": NAMESPACE}


def name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def element(tag: str, *children: Element | None, **attributes: str | int) -> Element:
    """``<w:tag w:attribute="…">`` around the children that there are; their order is the schema's."""
    made = etree.Element(name(tag), nsmap=NAMESPACES)
    for key, value in attributes.items():
        made.set(name(key), str(value))
    made.extend([child for child in children if child is not None])
    return made
