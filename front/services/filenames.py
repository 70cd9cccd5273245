"""File names as callers send them."""

NAMELESS = "document"
_MAX_CHARACTERS = 200


def clean_filename(sent: bytes) -> str:
    """The name without its folders and without characters that cannot be seen; never empty."""
    name = sent.decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2]
    name = "".join(character for character in name if character.isprintable()).strip()
    return name[-_MAX_CHARACTERS:] if name.strip(".") else NAMELESS
