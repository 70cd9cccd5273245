"""File names as downloads carry them."""

from pathlib import PurePosixPath
from urllib.parse import quote

from front.services.filenames import NAMELESS


def attachment(filename: str, extension: str) -> str:
    """A ``Content-Disposition`` (RFC 6266) that saves ``filename`` under another extension.

    Beyond plain ASCII the name is given twice: encoded (RFC 8187), and with ``_`` for old clients.
    """
    name = f"{PurePosixPath(filename).stem or NAMELESS}.{extension}"
    plain = "".join(character if _is_plain(character) else "_" for character in name)
    value = f'attachment; filename="{plain}"'
    return value if plain == name else f"{value}; filename*=UTF-8''{quote(name, safe='')}"


def _is_plain(character: str) -> bool:
    return character.isascii() and character.isprintable() and character not in '"\\%'
