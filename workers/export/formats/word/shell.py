"""The document around the text: python-docx's template with our fonts, languages and properties."""

import io
import zipfile
from datetime import UTC
from typing import Final

import docx
from docx.document import Document
from docx.opc.rel import Relationships

from common.document.xml_text import legal
from workers.export.document import About
from workers.export.formats.word.markup import Element, element, name
from workers.export.formats.word.numbering import BULLET_STYLES, BULLETED, NUMBER_STYLES, NUMBERED
from workers.export.formats.word.paragraphs import LANGUAGE_SLOTS, Usual
from workers.export.formats.word.table_columns import TEXT_STYLES, TextStyle
from workers.export.formats.word.tongues import Tongues, default_systems, word_tag

_LONGEST_PROPERTY: Final = 255
_WORD_2013: Final = "15"  # the newest way to lay text out; older ones show in Word's title bar
# Not what the template says of itself: its thumbnail, its statistics, its sources.
_KEPT: Final = (
    "core-properties",
    "officeDocument",
    "styles",
    "settings",
    "fontTable",
    "theme",
    "numbering",
)


def shell(about: About) -> Document:
    """A document without text."""
    document = docx.Document()
    for relationships in (document.part.rels, document.part.package.rels):
        _keep_needed(relationships)
    _set_properties(document, about)
    _set_defaults(document.styles.element, Tongues(about.languages))
    document.styles.element.extend(map(_paragraph_style, TEXT_STYLES))
    _set_compatibility(document.settings.element)
    return document


def usual_writings(about: About) -> Usual:
    """What the document's defaults are made for."""
    tongues = Tongues(about.languages)
    return frozenset((system, tongues.of(system)) for system in default_systems(tongues))


def parts(document: Document) -> dict[str, bytes]:
    """The files of the package by their names, content types first."""
    saved = io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as package:
        return {entry: package.read(entry) for entry in package.namelist()}


def _keep_needed(relationships: Relationships) -> None:
    for key, relationship in list(relationships.items()):
        if not relationship.reltype.endswith(_KEPT):
            del relationships[key]


def _set_properties(document: Document, about: About) -> None:
    properties = document.core_properties
    created = about.created_at.astimezone(UTC).replace(tzinfo=None)
    properties.title = legal(about.title)[:_LONGEST_PROPERTY]
    properties.language = word_tag(about.languages[0]) if about.languages else ""
    properties.created = properties.modified = created
    properties.author = properties.comments = ""


def _set_defaults(styles: Element, tongues: Tongues) -> None:
    western, east_asian, complex_script = systems = default_systems(tongues)
    for fonts in list(styles.iter(name("rFonts"))):
        _remove(fonts)  # those of the theme, which has no idea of languages
    languages = {LANGUAGE_SLOTS[system.kind]: tongues.of(system) for system in systems}
    names = {
        "ascii": western.font,
        "hAnsi": western.font,
        "eastAsia": east_asian.font,
        "cs": complex_script.font,
    }
    properties = styles.find(f"{name('docDefaults')}/{name('rPrDefault')}/{name('rPr')}")
    assert properties is not None, "python-docx's template has defaults"
    properties.insert(0, element("rFonts", **names))
    old = properties.find(name("lang"))
    if old is not None:
        _remove(old)
    properties.append(element("lang", **languages))
    for identifiers, numbering in ((BULLET_STYLES, BULLETED), (NUMBER_STYLES, NUMBERED)):
        for style in styles.iter(name("style")):
            if style.get(name("styleId")) in identifiers:
                for number in style.iter(name("numId")):
                    number.set(name("val"), str(numbering))


def _paragraph_style(style: TextStyle) -> Element:
    return element(
        "style",
        element("name", val=style.name),
        element("basedOn", val="Normal"),
        element("qFormat"),
        element("pPr", element("spacing", before=0, after=0, line=240, lineRule="auto")),
        element("rPr", element("sz", val=style.size), element("szCs", val=style.size)),
        type="paragraph",
        customStyle=1,
        styleId=style.identifier,
    )


def _set_compatibility(settings: Element) -> None:
    for setting in settings.iter(name("compatSetting")):
        if setting.get(name("name")) == "compatibilityMode":
            setting.set(name("val"), _WORD_2013)


def _remove(child: Element) -> None:
    parent = child.getparent()
    assert parent is not None
    parent.remove(child)
