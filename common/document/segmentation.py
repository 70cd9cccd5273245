"""What an image shows, for an engine that has to find its lines first."""

from enum import IntEnum


class Segmentation(IntEnum):
    """The values are Tesseract's page segmentation modes."""

    PAGE = 3
    COLUMN = 4
    BLOCK = 6
    LINE = 7
    RAW_LINE = 13  # without looking for words in it first: for lines that were cut out tightly
