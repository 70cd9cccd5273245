"""Writing systems: by which marks they are known, how Word lays them out, and in which fonts.

Word keeps apart Western, East Asian and complex scripts, each with a font and a language of its own
(ECMA-376 Part 1, 17.3.2.26), and text that runs from right to left (17.3.2.30).
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Kind(Enum):
    WESTERN = auto()
    EAST_ASIAN = auto()
    COMPLEX = auto()
    RIGHT_TO_LEFT = auto()


@dataclass(frozen=True, slots=True)
class WritingSystem:
    """``script`` is an ISO 15924 code, ``language`` a BCP-47 tag for text of which none is known.

    ``font`` comes with Word, and LibreOffice knows what to put in its place.
    """

    script: str
    kind: Kind
    font: str
    language: str

    @property
    def is_right_to_left(self) -> bool:
        return self.kind is Kind.RIGHT_TO_LEFT


_TEXT_FONT: Final = "Arial"  # has Latin, Greek, Cyrillic, Hebrew and Arabic everywhere

LATIN: Final = WritingSystem("Latn", Kind.WESTERN, _TEXT_FONT, "en-US")
ARABIC: Final = WritingSystem("Arab", Kind.RIGHT_TO_LEFT, _TEXT_FONT, "ar-SA")
SIMPLIFIED_HAN: Final = WritingSystem("Hans", Kind.EAST_ASIAN, "Microsoft YaHei", "zh-CN")
TRADITIONAL_HAN: Final = WritingSystem("Hant", Kind.EAST_ASIAN, "Microsoft JhengHei", "zh-TW")
JAPANESE: Final = WritingSystem("Jpan", Kind.EAST_ASIAN, "Yu Gothic", "ja-JP")
KOREAN: Final = WritingSystem("Kore", Kind.EAST_ASIAN, "Malgun Gothic", "ko-KR")

# Han ideographs and what punctuation East Asia shares: whose they are, the page tells.
HAN_MARKS: Final = (
    r"\u2e80-\u2fff\u3000-\u3040\u30fb\u31c0-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f"
    r"\uff00-\uffef\U00020000-\U0003ffff"
)

# Each with its marks as in a class of a regular expression. The fonts of the Indic scripts and of
# South East Asia are Microsoft's for all of them.
MARKS: Final[dict[WritingSystem, str]] = {
    WritingSystem("Grek", Kind.WESTERN, _TEXT_FONT, "el-GR"): r"\u0370-\u03ff\u1f00-\u1fff",
    WritingSystem(
        "Cyrl", Kind.WESTERN, _TEXT_FONT, "ru-RU"
    ): r"\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f",
    WritingSystem("Armn", Kind.WESTERN, "Sylfaen", "hy-AM"): r"\u0530-\u058f\ufb13-\ufb17",
    WritingSystem("Geor", Kind.WESTERN, "Sylfaen", "ka-GE"): r"\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f",
    WritingSystem("Ethi", Kind.WESTERN, "Ebrima", "am-ET"): r"\u1200-\u139f\u2d80-\u2ddf\uab00-\uab2f",
    WritingSystem("Cher", Kind.WESTERN, "Gadugi", "chr-US"): r"\u13a0-\u13ff\uab70-\uabbf",
    WritingSystem("Cans", Kind.WESTERN, "Gadugi", "iu-CA"): r"\u1400-\u167f\u18b0-\u18ff",
    WritingSystem("Hebr", Kind.RIGHT_TO_LEFT, _TEXT_FONT, "he-IL"): r"\u0590-\u05ff\ufb1d-\ufb4f",
    ARABIC: r"\u0600-\u06ff\u0750-\u077f\u0860-\u08ff\ufb50-\ufdff\ufe70-\ufefe",
    WritingSystem("Syrc", Kind.RIGHT_TO_LEFT, "Estrangelo Edessa", "syr-SY"): r"\u0700-\u074f",
    WritingSystem("Thaa", Kind.RIGHT_TO_LEFT, "MV Boli", "dv-MV"): r"\u0780-\u07bf",
    WritingSystem(
        "Nkoo", Kind.RIGHT_TO_LEFT, "Ebrima", "nqo"
    ): r"\u07c0-\u085f\U00010800-\U00010fff\U0001e800-\U0001efff",
    WritingSystem("Deva", Kind.COMPLEX, "Nirmala UI", "hi-IN"): r"\u0900-\u097f\ua8e0-\ua8ff",
    WritingSystem("Beng", Kind.COMPLEX, "Nirmala UI", "bn-IN"): r"\u0980-\u09ff",
    WritingSystem("Guru", Kind.COMPLEX, "Nirmala UI", "pa-IN"): r"\u0a00-\u0a7f",
    WritingSystem("Gujr", Kind.COMPLEX, "Nirmala UI", "gu-IN"): r"\u0a80-\u0aff",
    WritingSystem("Orya", Kind.COMPLEX, "Nirmala UI", "or-IN"): r"\u0b00-\u0b7f",
    WritingSystem("Taml", Kind.COMPLEX, "Nirmala UI", "ta-IN"): r"\u0b80-\u0bff",
    WritingSystem("Telu", Kind.COMPLEX, "Nirmala UI", "te-IN"): r"\u0c00-\u0c7f",
    WritingSystem("Knda", Kind.COMPLEX, "Nirmala UI", "kn-IN"): r"\u0c80-\u0cff",
    WritingSystem("Mlym", Kind.COMPLEX, "Nirmala UI", "ml-IN"): r"\u0d00-\u0d7f",
    WritingSystem("Sinh", Kind.COMPLEX, "Nirmala UI", "si-LK"): r"\u0d80-\u0dff",
    WritingSystem("Thai", Kind.COMPLEX, "Leelawadee UI", "th-TH"): r"\u0e00-\u0e7f",
    WritingSystem("Laoo", Kind.COMPLEX, "Leelawadee UI", "lo-LA"): r"\u0e80-\u0eff",
    WritingSystem("Tibt", Kind.COMPLEX, "Microsoft Himalaya", "bo-CN"): r"\u0f00-\u0fff",
    WritingSystem("Mymr", Kind.COMPLEX, "Myanmar Text", "my-MM"): r"\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f",
    WritingSystem("Khmr", Kind.COMPLEX, "Leelawadee UI", "km-KH"): r"\u1780-\u17ff\u19e0-\u19ff",
    KOREAN: r"\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff",
    JAPANESE: r"\u3041-\u30fa\u30fc-\u30ff",
    TRADITIONAL_HAN: r"\u3100-\u312f\u31a0-\u31bf",  # Bopomofo
}

BY_SCRIPT: Final[dict[str, WritingSystem]] = {
    system.script: system for system in (LATIN, *MARKS, SIMPLIFIED_HAN)
}
