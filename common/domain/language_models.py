"""The models of Debian's tesseract-ocr-all (tessdata_fast), and what people call what they read.

Only what no standard tells is written down here; the rest follows from the BCP-47 tags.
"""

from typing import Final

_LANGUAGE_MODELS: Final = """
    afr amh ara asm aze aze_cyrl bel ben bod bos bre bul cat ceb ces chi_sim chi_sim_vert chi_tra
    chi_tra_vert chr cos cym dan deu div dzo ell eng enm epo est eus fao fas fil fin fra frk frm fry gla
    gle glg grc guj hat heb hin hrv hun hye iku ind isl ita ita_old jav jpn jpn_vert kan kat kat_old kaz
    khm kir kmr kor kor_vert lao lat lav lit ltz mal mar mkd mlt mon mri msa mya nep nld nor oci ori pan
    pol por pus que ron rus san sin slk slv snd spa spa_old sqi srp srp_latn sun swa swe syr tam tat tel
    tgk tha tir ton tur uig ukr urd uzb uzb_cyrl vie yid yor
"""

# Where the model's name is not the code of its language. Latf is Latin in Fraktur letters; oge and osp
# are Old Georgian and Old Spanish; old Italian has no code of its own, and neither has vertical writing.
_TAGS: Final = {
    "aze_cyrl": "az-Cyrl",
    "chi_sim": "zh-Hans",
    "chi_sim_vert": "zh-Hans-x-vertical",
    "chi_tra": "zh-Hant",
    "chi_tra_vert": "zh-Hant-x-vertical",
    "frk": "de-Latf",
    "ita_old": "it-x-old",
    "jpn_vert": "ja-x-vertical",
    "kat_old": "oge",
    "kor_vert": "ko-x-vertical",
    "spa_old": "osp",
    "srp_latn": "sr-Latn",
    "uzb_cyrl": "uz-Cyrl",
}

# Models of a script rather than of a language; each reads Latin letters too.
_SCRIPT_TAGS: Final = {
    "Arabic": "und-Arab",
    "Armenian": "und-Armn",
    "Bengali": "und-Beng",
    "Canadian_Aboriginal": "und-Cans",
    "Cherokee": "und-Cher",
    "Cyrillic": "und-Cyrl",
    "Devanagari": "und-Deva",
    "Ethiopic": "und-Ethi",
    "Fraktur": "und-Latf",
    "Georgian": "und-Geor",
    "Greek": "und-Grek",
    "Gujarati": "und-Gujr",
    "Gurmukhi": "und-Guru",
    "HanS": "und-Hans",
    "HanS_vert": "und-Hans-x-vertical",
    "HanT": "und-Hant",
    "HanT_vert": "und-Hant-x-vertical",
    "Hangul": "und-Kore",
    "Hangul_vert": "und-Kore-x-vertical",
    "Hebrew": "und-Hebr",
    "Japanese": "und-Jpan",
    "Japanese_vert": "und-Jpan-x-vertical",
    "Kannada": "und-Knda",
    "Khmer": "und-Khmr",
    "Lao": "und-Laoo",
    "Latin": "und-Latn",
    "Malayalam": "und-Mlym",
    "Myanmar": "und-Mymr",
    "Oriya": "und-Orya",
    "Sinhala": "und-Sinh",
    "Syriac": "und-Syrc",
    "Tamil": "und-Taml",
    "Telugu": "und-Telu",
    "Thaana": "und-Thaa",
    "Thai": "und-Thai",
    "Tibetan": "und-Tibt",
    "Vietnamese": "und-Latn-VN",
}

# What reads a script whose own model reads it badly, or that has none.
SCRIPT_READERS: Final = {
    "Hang": "kor",
    "Hani": "chi_sim",
    "Hans": "chi_sim",
    "Hant": "chi_tra",
    "Hira": "jpn",
    "Jpan": "jpn",
    "Kana": "jpn",
    "Kore": "kor",
}

# What OCR services call their languages (PaddleOCR's "latin", "cyrillic" and "devanagari" are scripts),
# and names in English beside the one of today.
_ALIASES: Final = {
    "ben": "bengali",
    "chi_sim": "ch chinese cn zh zh-cn simplified-chinese",
    "chi_tra": "chinese-cht cht cantonese traditional-chinese",
    "div": "dhivehi maldivian",
    "ell": "modern-greek",
    "fas": "farsi",
    "fil": "tagalog",
    "Fraktur": "fraktur gothic blackletter",
    "frk": "german-fraktur",
    "hat": "haitian",
    "jpn": "japan jp",
    "khm": "cambodian",
    "kmr": "ku kurmanji kurdish",
    "kor": "kr hangul",
    "Latin": "latin",
    "mri": "maori",
    "mya": "myanmar",
    "nor": "nb nn nob nno bokmål nynorsk",
    "ori": "oriya",
    "pan": "panjabi",
    "ron": "moldavian",
    "sin": "sinhalese",
    "srp": "rs-cyrillic",
    "srp_latn": "rs-latin",
    "uig": "uighur",
}

TAGS: Final = {model: _TAGS.get(model, model) for model in _LANGUAGE_MODELS.split()} | _SCRIPT_TAGS
MODELS: Final = frozenset(TAGS)
ALIASES: Final = {model: tuple(names.split()) for model, names in _ALIASES.items() if model in TAGS}

# Models that get more than 5 % of the characters of clean print wrong (Latin: 2 %), one way or another.
UNRELIABLE: Final = frozenset(
    {"div", "dzo", "kat_old", "lao", "mya", "ori", "syr", "tir", "yor"}
    | {"chi_tra_vert", "jpn_vert", "kor_vert", "HanS_vert", "HanT_vert", "Hangul_vert", "Japanese_vert"}
    | {"Hangul", "Lao", "Myanmar", "Oriya", "Syriac", "Thaana"}
)
