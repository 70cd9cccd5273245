"""Word documents: text that flows, with headings, lists and tables, for people who go on writing."""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lxml import etree

from common.document.transcript import TranscriptPage
from workers.export.document import About
from workers.export.formats.word.markup import NAMESPACES, name
from workers.export.formats.word.numbering import Numbering
from workers.export.formats.word.pages import Pages
from workers.export.formats.word.shell import parts, shell, usual_writings

_BODY: Final = "word/document.xml"
_NUMBERING: Final = "word/numbering.xml"


def write(pages: Iterable[TranscriptPage], about: About, out: Path) -> None:
    """Page by page into the file: memory does not grow with the pages, but for their lists' numbers."""
    document = shell(about)
    numbering_part = document.part.numbering_part
    made = Pages(about.languages, usual_writings(about), Numbering(numbering_part.element))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in parts(document).items():
            if part not in (_BODY, _NUMBERING):
                package.writestr(part, content)
        _write_body(pages, made, package)
        package.writestr(_NUMBERING, numbering_part.blob)


def _write_body(pages: Iterable[TranscriptPage], made: Pages, package: zipfile.ZipFile) -> None:
    with package.open(_BODY, "w", force_zip64=True) as part, etree.xmlfile(part, encoding="UTF-8") as body:
        body.write_declaration(standalone=True)
        with body.element(name("document"), nsmap=NAMESPACES), body.element(name("body")):
            for page in pages:
                for each in made.elements(page):
                    body.write(each)
            body.write(made.end())
