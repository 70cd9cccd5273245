"""From a language code, as people write it, to the Tesseract model that reads it."""

import langcodes
from langcodes.tag_parser import LanguageTagError

from common.errors import InvalidField

AUTO = "auto"
MAX_LANGUAGES = 6

# Every language model of Debian's tesseract-ocr-all (tessdata_fast), by Tesseract's own names.
_MODELS = """
    afr amh ara asm aze aze_cyrl bel ben bod bos bre bul cat ceb ces chi_sim chi_tra chr cos cym dan
    deu div dzo ell eng enm epo est eus fao fas fil fin fra frk frm fry gla gle glg grc guj hat heb
    hin hrv hun hye iku ind isl ita ita_old jav jpn kan kat kat_old kaz khm kir kmr kor lao lat lav
    lit ltz mal mar mkd mlt mon mri msa mya nep nld nor oci ori pan pol por pus que ron rus san sin
    slk slv snd spa spa_old sqi srp srp_latn sun swa swe syr tam tat tel tgk tha tir ton tur uig ukr
    urd uzb uzb_cyrl vie yid yor
"""
MODELS = frozenset(_MODELS.split())

# What OCR services call their languages, and codes that no standard maps to a model.
_ALIASES = {
    "ch": "chi_sim",
    "cn": "chi_sim",
    "chinese": "chi_sim",
    "chinese_cht": "chi_tra",
    "japan": "jpn",
    "jp": "jpn",
    "korean": "kor",
    "kr": "kor",
    "french": "fra",
    "german": "deu",
    "fraktur": "frk",
    "nb": "nor",
    "nn": "nor",
    "nob": "nor",
    "nno": "nor",
    "ku": "kmr",
    "zh-hk": "chi_tra",
}
_BY_SCRIPT = {
    ("zho", "Hans"): "chi_sim",
    ("zho", "Hant"): "chi_tra",
    ("srp", "Latn"): "srp_latn",
    ("aze", "Cyrl"): "aze_cyrl",
    ("uzb", "Cyrl"): "uzb_cyrl",
}


def models(field: str) -> tuple[str, ...]:
    """The models for a ``language`` field such as "en", "de+en" or "zh-Hant,en"; () for "auto".

    Raises InvalidField for a code that no model reads.
    """
    codes = [code.strip() for code in field.replace(",", "+").split("+") if code.strip()]
    if not codes or [code.lower() for code in codes] == [AUTO]:
        return ()
    if len(codes) > MAX_LANGUAGES:
        raise InvalidField("language", f"At most {MAX_LANGUAGES} languages can be read at once.")
    return tuple(dict.fromkeys(_model(code) for code in codes))


def _model(code: str) -> str:
    key = code.lower()
    if key in MODELS:
        return key
    if key in _ALIASES:
        return _ALIASES[key]
    model = _standard_model(code)
    if model not in MODELS:
        raise InvalidField(
            "language",
            f"Unknown language {code[:40]!r}: use 'auto' or ISO 639 or BCP-47 codes such as en, de, zh-Hant, "
            "joined with + for more than one.",
        )
    return model


def _standard_model(code: str) -> str | None:
    try:
        language = langcodes.get(code)
        alpha3 = language.to_alpha3()
    except (LookupError, LanguageTagError):
        return None
    return _BY_SCRIPT.get((alpha3, language.maximize().script or ""), alpha3)
