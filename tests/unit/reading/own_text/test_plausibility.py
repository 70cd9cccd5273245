# ruff: noqa: E501, RUF001
"""Real text of many languages beside the same text through wrong encodings."""

import pytest

from common.reading.own_text.plausibility import is_broken, looks_like_language, odd_share

REAL = {
    "en": "All human beings are born free and equal in dignity and rights. They are endowed with reason and "
    "conscience and should act towards one another in a spirit of brotherhood.",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen "
    "begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
    "pl": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni "
    "rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.",
    "cs": "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím "
    "a mají spolu jednat v duchu bratrství.",
    "fi": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu "
    "järki ja omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä.",
    "vi": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều được "
    "tạo hoá ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.",
    "tr": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve "
    "birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler.",
    "ru": "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и "
    "совестью и должны поступать в отношении друг друга в духе братства.",
    "el": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι "
    "προικισμένοι με λογική και συνείδηση.",
    "zh": "人人生而自由在尊严和权利上一律平等他们赋有理性和良心并应以兄弟关系的精神相对待人人有资格享有本宣言",
    "zh-Hant": "人人生而自由在尊嚴和權利上一律平等他們賦有理性和良心並應以兄弟關係的精神相對待人人有資格享有",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다 인간은 천부적으로 이성과 양심을 "
    "부여받았으며 서로 형제애의 정신으로 행동하여야 한다",
}


def shifted(text: str, by: int) -> str:
    return "".join(chr(ord(letter) + by) if letter.isascii() and letter != " " else letter for letter in text)


@pytest.mark.parametrize("language", REAL)
def test_real_text_looks_like_language(language: str) -> None:
    assert looks_like_language(REAL[language]) is True


@pytest.mark.parametrize("language", ["ar", "hi"])
def test_of_other_scripts_nothing_is_said(language: str) -> None:
    texts = {
        "ar": "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق " * 3,
        "hi": "सभी मनुष्यों को गौरव और अधिकारों " * 3,
    }
    assert looks_like_language(texts[language]) is None


@pytest.mark.parametrize("by", [-29, -3, 1, 3, 13])
def test_shifted_codes_look_like_none(by: int) -> None:
    assert looks_like_language(shifted(REAL["en"].upper() + REAL["en"], by)) is False


@pytest.mark.parametrize(
    "garbled",
    [
        REAL["ru"].encode("cp1251").decode("latin-1"),
        "".join(chr(0x4E00 + index * 397 % 20_000) for index in range(60)),
        "".join(chr(0xAC00 + index * 397 % 11_000) for index in range(60)),
        "бвгджзклмнпрст" * 5,
    ],
    ids=["Cyrillic as Latin", "random ideographs", "random syllables", "no vowels"],
)
def test_wrong_encodings_look_like_none(garbled: str) -> None:
    assert looks_like_language(garbled) is False


@pytest.mark.parametrize("text", ["", "Total 12.50", "ISBN 978-3-16-148410-0 QXZ"])
def test_a_few_characters_prove_nothing(text: str) -> None:
    assert looks_like_language(text) is None


@pytest.mark.parametrize("word", ["\ufffd", "a\ufffdb", "\ue041bc", "a\x01", "\U000f0000", "\u0378"])
def test_what_no_text_holds_is_broken(word: str) -> None:
    assert is_broken(word)


@pytest.mark.parametrize("word", ["plain", "naïve", "עולם", "नमस्ते", "日本", "12.5 %", "a\u200db"])
def test_real_words_are_not_broken(word: str) -> None:
    assert not is_broken(word)


def test_hardly_a_word_of_real_text_is_odd() -> None:
    latin = [text for language, text in REAL.items() if language not in ("zh", "zh-Hant", "ko")]
    assert odd_share(" ".join(latin).split()) < 0.02


def test_misread_words_are_odd() -> None:
    assert odd_share(["b3tter", "th~e", "rnnnd", "wOrd", "w|th", "bcdfg", "te.xt"]) == 1.0
