"""A layer of text on its page, whichever way that lies, and the page's former text out of the way."""

from typing import Final

import pikepdf
from ocrmypdf._graft import strip_invisible_text
from pikepdf import Dictionary, Name, Page, Pdf, Rectangle

from common.document.geometry import Affine, Placement, Size

_LETTER: Final = (0, 0, 612, 792)  # what viewers take for a page without a size
_PREFIX: Final = "Words"
_SPAN_STEPS: Final = {"BMC": 1, "BDC": 1, "EMC": -1}


def place(page: Page, words: pikepdf.Object, size: Size, rotation: int) -> None:
    """Put ``words``, a form of as many points as its page has pixels, below what the page shows.

    ``size`` is the page's in those pixels, as a viewer shows it; the form's is turned by ``rotation``.
    """
    name = _added(page, words)
    matrix = " ".join(f"{value:.6f}" for value in _matrix(page, size, rotation))
    page.contents_add(f"q {matrix} cm {name} Do Q\n".encode("ascii"), prepend=True)


def silence(pdf: Pdf, page: Page) -> None:
    """Nothing of the page's own text is found or copied any more, and what was seen is still seen.

    Invisible text is removed. What is painted gets a blank as its replacement text (ISO 32000-1, 14.9.4):
    poppler would do without the blank, pdfium would not.
    """
    if not _has_fonts(page.resources, set()):
        return
    strip_invisible(pdf, page)
    page.obj.Contents = pdf.make_stream(_balanced(page))
    page.contents_add(b"/Span <</ActualText ( )>> BDC\n", prepend=True)
    page.contents_add(b"\nEMC\n")


def _balanced(page: Page) -> bytes:
    """The page's content without ends of spans that have no beginning: they would end one around it."""
    depth, kept = 0, []
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator == "EMC" and depth == 0:
            continue
        depth += _SPAN_STEPS.get(operator, 0)
        kept.append(instruction)
    return pikepdf.unparse_content_stream(kept)


def strip_invisible(pdf: Pdf, page: Page) -> None:
    _own_resources(page)
    strip_invisible_text(pdf, page)


def _added(page: Page, words: pikepdf.Object) -> Name:
    _own_resources(page)
    resources = page.obj.Resources
    resources.XObject = Dictionary(dict(resources.get(Name.XObject, Dictionary()).items()))
    name = Name.random(prefix=_PREFIX)
    resources.XObject[name] = words
    return name


def _own_resources(page: Page) -> None:
    """A copy that no other page shares."""
    page.obj.Resources = Dictionary(dict(page.resources.items()))


def _matrix(page: Page, size: Size, rotation: int) -> tuple[float, ...]:
    """From points of the layer to those of the page, as PDF writes matrices (a to f)."""
    seen = Placement.unchanged(size).turned(rotation)
    turn = _turn(page)
    lying = size if turn % 180 == 0 else (size[1], size[0])
    box = shown_box(page)
    width, height = lying
    to_points = Affine(
        xx=float(box.width) / width, x0=float(box.llx), yy=-float(box.height) / height, y0=float(box.ury)
    )
    mapping = (
        Affine(yy=-1, y0=seen.target[1])
        .then(seen.mapping.inverse())
        .then(Placement.unchanged(lying).turned(turn).mapping.inverse())
        .then(to_points)
    )
    return mapping.xx, mapping.yx, mapping.xy, mapping.yy, mapping.x0, mapping.y0


def shown_box(page: Page) -> Rectangle:
    """What viewers show of the page, in its own coordinates."""
    media = _rectangle(page.mediabox) or Rectangle(*_LETTER)
    crop = _rectangle(page.cropbox) or media
    left, bottom = max(media.llx, crop.llx), max(media.lly, crop.lly)
    right, top = min(media.urx, crop.urx), min(media.ury, crop.ury)
    return Rectangle(left, bottom, right, top) if left < right and bottom < top else media


def _rectangle(box: pikepdf.Object) -> Rectangle | None:
    x0, y0, x1, y1 = (float(edge) for edge in box)
    found = Rectangle(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    return found if found.width > 0 and found.height > 0 else None


def _turn(page: Page) -> int:
    """``/Rotate``, which pages inherit."""
    node: pikepdf.Object | None = page.obj
    for _ in range(100):
        if not isinstance(node, Dictionary):
            break
        if Name.Rotate in node:
            return round(float(node.Rotate) / 90) * 90 % 360
        node = node.get(Name.Parent)
    return 0


def _has_fonts(resources: pikepdf.Object, visited: set[tuple[int, int]]) -> bool:
    """Whether the page, or a form that it draws, can show text."""
    if resources.get(Name.Font):
        return True
    for item in dict(resources.get(Name.XObject, Dictionary()).items()).values():
        if item.get(Name.Subtype) != Name.Form or item.objgen in visited:
            continue
        visited.add(item.objgen)
        if _has_fonts(item.get(Name.Resources, Dictionary()), visited):
            return True
    return False
