"""The languages of a text that was read: by its script, else by its words."""

# ruff: noqa: RUF001  (other alphabets are meant)

import pytest

from common.adapters.language_identification import identify

ENGLISH = "The harbour is quiet at seven in the morning, and the old men are mending their nets."
GERMAN = "Der Hafen ist um sieben Uhr morgens still, und die alten Männer flicken ihre Netze."
FRENCH = "Le port est calme à sept heures du matin, et les vieux hommes réparent leurs filets."
RUSSIAN = "В семь часов утра в гавани тихо, и старики чинят свои сети у самой воды."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        (FRENCH, "fr"),
        (RUSSIAN, "ru"),
        ("О сьомій ранку в гавані тихо, і старі чоловіки лагодять свої сіті.", "uk"),
        ("Přístav je v sedm hodin ráno tichý a staří muži spravují sítě.", "cs"),
        ("Liman sabah saat yedide sessizdir ve yaşlı adamlar ağlarını onarır.", "tr"),
        ("Το λιμάνι είναι ήσυχο στις επτά το πρωί.", "el"),
        ("الميناء هادئ في الساعة السابعة صباحا والرجال يصلحون شباكهم.", "ar"),
        ("بندر در ساعت هفت صبح آرام است و مردان پیر تورهای خود را تعمیر می‌کنند.", "fa"),
        ("הנמל שקט בשבע בבוקר והזקנים מתקנים את הרשתות.", "he"),
        ("बंदरगाह सुबह सात बजे शांत है और बूढ़े आदमी अपने जाल ठीक कर रहे हैं।", "hi"),
        ("বন্দর সকাল সাতটায় শান্ত থাকে।", "bn"),
        ("துறைமுகம் காலை ஏழு மணிக்கு அமைதியாக இருக்கிறது.", "ta"),
        ("ท่าเรือเงียบสงบเวลาเจ็ดโมงเช้า", "th"),
        ("港口在早上七点很安静，老人们在修补渔网。", "zh-Hans"),
        ("港口在早上七點很安靜，老人們在修補漁網。", "zh-Hant"),
        ("港は朝七時に静かで、老人たちは網を直している。", "ja"),
        ("항구는 아침 일곱 시에 조용하고 노인들은 그물을 고치고 있다.", "ko"),
        ("ნავსადგური დილის შვიდ საათზე წყნარია.", "ka"),
        ("Luka je tiha u sedam ujutro, a stari ljudi krpaju mreže.", "hr"),
    ],
)
def test_one_line_is_enough(text: str, code: str) -> None:
    assert identify(text)[:1] == (code,)


def test_what_the_reader_got_wrong_does_not_change_the_language() -> None:
    assert identify(
        "Dcr Hafen ist um sieben Uhr morqens stil1, und dle alten Manner flicken ihre Nctze."
    ) == ("de",)


def test_the_languages_of_a_mixed_page_are_told_the_larger_part_first() -> None:
    assert identify("\n".join([GERMAN, GERMAN, FRENCH] * 3)) == ("de", "fr")


def test_english_beside_another_script_is_told() -> None:
    assert identify(f"{RUSSIAN}\n{RUSSIAN}\n{ENGLISH}") == ("ru", "en")


def test_a_name_in_another_script_is_not_a_language_of_the_page() -> None:
    assert identify(f"{RUSSIAN} {RUSSIAN} London") == ("ru",)


@pytest.mark.parametrize("text", ["", " \n", "12.50 – 17 %", "A 4"])
def test_too_little_text_has_no_language(text: str) -> None:
    assert identify(text) == ()


def test_a_few_english_words_are_english() -> None:
    assert identify("TOTAL AMOUNT DUE") == ("en",)


@pytest.mark.parametrize("code", ["ceb", "yi", "ti", "dz", "grc", "az-Cyrl"])
def test_a_language_that_the_words_cannot_tell_is_the_one_that_was_named(code: str) -> None:
    text = {
        "ceb": "Ang tanang katawhan gipakatawo nga may kagawasan.",
        "yi": "יעדער מענטש ווערט געבוירן פריי און גלייך",
        "ti": "ብመንፅር ክብርን መሰልን ኩሎም ሰባት",
        "dz": "འགྲོ་བ་མི་ཚུ་ག་ར་དལ་དབང་གི་ཐོག་ལས་སྐྱེས",
        "grc": "μῆνιν ἄειδε θεὰ Πηληϊάδεω Ἀχιλῆος",
        "az-Cyrl": "Бүтүн инсанлар ләјагәт вә һүгугларына",
    }[code]
    assert identify(text, [code]) == (code,)


def test_a_language_that_was_named_does_not_hide_the_one_that_is_read() -> None:
    assert identify(GERMAN * 3, ["en"]) == ("de",)


def test_look_alikes_are_told_apart_by_what_was_named() -> None:
    serbian = "Luka je tiha u sedam ujutro."
    assert identify(serbian, ["sr-Latn"]) == ("sr-Latn",)
    assert identify(serbian, ["hr"]) == ("hr",)
