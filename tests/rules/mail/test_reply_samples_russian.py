"""Replies as the mail programs of Russian clients write them; everything in them is invented."""

# A sample mail stays in one piece:
# ruff: noqa: E501

from __future__ import annotations

import pytest

from tasks.rules.mail.reply_text import split_reply

YANDEX = "17.11.2026, 10:12, «Северный Сервис» <office@north-service.example>:"
GMAIL = "вт, 17 нояб. 2026 г. в 10:12, Северный Сервис <office@north-service.example>:"
GMAIL_PHONE = "17 ноября 2026 г. 10:12 пользователь Северный Сервис <office@north-service.example> написал:"
MAIL_RU = "Вторник, 17 ноября 2026, 10:12 +03:00 от Северный Сервис <office@north-service.example>:"
APPLE = "17 нояб. 2026 г., в 10:12, Северный Сервис <office@north-service.example> написал(а):"
THUNDERBIRD = "17.11.2026 10:12, Северный Сервис пишет:"
BAT = "Вы писали 17 ноября 2026 г., 10:12:34:"
QUOTE = "> Добрый день!\n>\n> Мастер приедет завтра. Подходит ли вам 14:00?\n>\n> С уважением,\n> Ольга"
UNMARKED = "Добрый день!\n\nМастер приедет завтра. Подходит ли вам 14:00?\n\nС уважением,\nОльга"
OUTLOOK = (
    "От: Северный Сервис <office@north-service.example>\nОтправлено: 17 ноября 2026 г. 10:12\n"
    "Кому: Пётр Иванов <petr@example.com>\nТема: Заявка № 17"
)

TOP_POSTED = [
    ("Yandex", f"Да, подходит.\n\n{YANDEX}\n{QUOTE}", "Да, подходит."),
    ("Yandex without names", f"Да.\n\n17.11.2026, 10:12, office@north-service.example:\n{QUOTE}", "Да."),
    ("Yandex, short year", f"Да.\n\n17.11.26, 10:12, \"Офис\" <office@north-service.example>:\n{QUOTE}", "Да."),
    ("Yandex, unmarked", f"Да.\n\n{YANDEX}\n\n{UNMARKED}", "Да."),
    ("Gmail", f"Согласен, ждём.\n\n{GMAIL}\n\n{QUOTE}", "Согласен, ждём."),
    ("Gmail, wrapped", f"Ждём.\n\nвт, 17 нояб. 2026 г. в 10:12, Северный Сервис <\noffice@north-service.example>:\n\n{QUOTE}", "Ждём."),
    ("Gmail, wrapped thrice", f"Ждём.\n\nвт, 17 нояб. 2026 г.\nв 10:12, Северный Сервис\n<office@north-service.example>:\n\n{QUOTE}", "Ждём."),
    ("Gmail on a telephone", f"Ок\n\n{GMAIL_PHONE}\n\n{QUOTE}", "Ок"),
    ("Gmail on a telephone, wrapped", f"Ок\n\n17 ноября 2026 г. 10:12 пользователь \"Северный Сервис\" <\noffice@north-service.example> написал:\n{QUOTE}", "Ок"),
    ("mail.ru", f"Приезжайте.\n\n{MAIL_RU}\n{QUOTE}", "Приезжайте."),
    ("mail.ru, quoted header", f"Приезжайте.\n\n>{MAIL_RU}\n>\n>Добрый день!\n>Мастер приедет.", "Приезжайте."),
    ("mail.ru, signature above", f"Приезжайте.\n\n\n--\nПётр Иванов\n\n\n{MAIL_RU}\n{QUOTE}", "Приезжайте."),
    ("mail.ru, unmarked", f"Приезжайте.\n\n{MAIL_RU}\n\n{UNMARKED}", "Приезжайте."),
    ("mail.ru on a telephone", f"Приезжайте.\n--\nОтправлено из мобильной Почты Mail.ru\n\n{MAIL_RU}\n{QUOTE}", "Приезжайте."),
    ("Apple Mail", f"Спасибо!\n\n> {APPLE}\n> \n> Добрый день!", "Спасибо!"),
    ("Apple Mail, not quoted", f"Спасибо!\n\n{APPLE}\n\n{QUOTE}", "Спасибо!"),
    ("iPhone", f"Спасибо!\n\nОтправлено с iPhone\n\n> {APPLE}\n> \n> Добрый день!", "Спасибо!"),
    ("Thunderbird", f"Подходит.\n\n{THUNDERBIRD}\n{QUOTE}", "Подходит."),
    ("Thunderbird, two authors", f"Да.\n\n{THUNDERBIRD}\n> Да?\n>\n> 16.11.2026 9:00, Пётр пишет:\n>> Когда?", "Да."),
    ("Outlook", f"Подтверждаю.\n\nС уважением,\nПётр Иванов\n\n{OUTLOOK}\n\n{UNMARKED}", "Подтверждаю.\n\nС уважением,\nПётр Иванов"),
    ("Outlook, bold labels", "Да.\n\n*От:* Офис\n*Отправлено:* 17 ноября 2026 г.\n*Кому:* Пётр\n*Тема:* Насос\n\nТекст", "Да."),
    ("Outlook, row above", f"Да.\n________________________________\n{OUTLOOK}\n\n{UNMARKED}", "Да."),
    ("Outlook, labels with hard spaces", "Да.\n\nОт:\u00a0Офис\nДата:\u00a017 ноября\nКому:\u00a0Пётр\nТема:\u00a0Насос\n\nТекст", "Да."),
    ("Outlook, dated blocks", "Да.\n\nОт: Офис\nДата: вторник, 17 ноября 2026 г., 10:12\nКому: Пётр\nКопия: Анна\nТема: Насос\nТекст", "Да."),
    ("Outlook Express", "Да.\n\n----- Исходное сообщение ----- \nОт: \"Офис\" <office@example.com>\nКому: <petr@example.com>\nТекст", "Да."),
    ("Samsung", "Да.\n\nОтправлено с моего Galaxy\n\n-------- Исходное сообщение --------\nОт: Офис\nДата: 17.11.2026", "Да."),
    ("Huawei", f"Да.\n\n-------- Исходное сообщение --------\nТема: Насос\n{UNMARKED}", "Да."),
    ("Original above, old phrase", "Да.\n\n-----Первоначальное сообщение-----\nТекст", "Да."),
    ("The Bat!", "Здравствуйте, Ольга.\n\nПодходит.\n\nВторник, 17 ноября 2026, 10:12:34, вы писали:\n\n> Подходит ли 14:00?", "Здравствуйте, Ольга.\n\nПодходит."),
    ("nested", f"Третье.\n\n{YANDEX}\n> Второе.\n>\n> {GMAIL}\n>> Первое.", "Третье."),
    ("two unmarked attributions", f"Третье.\n\n{GMAIL}\nВторое.\n\n{YANDEX}\nПервое.", "Третье."),
    ("directly below the text", f"Согласен\n{THUNDERBIRD}\n{QUOTE}", "Согласен"),
    ("own line with a date above", f"Ждём вас 18.11.2026\n{GMAIL_PHONE}\n{QUOTE}", "Ждём вас 18.11.2026"),
    ("own line with an address above", f"Пишите на anna@example.com\n{YANDEX}\n{QUOTE}", "Пишите на anna@example.com"),
    ("own row of dashes above", f"Согласен.\n\n----------\n{YANDEX}\n{QUOTE}", "Согласен."),
    ("quote without attribution", f"Согласен.\n\n{QUOTE}", "Согласен."),
    ("reply line", f"Согласен.\n\n--- Ответьте выше этой линии ---\n{UNMARKED}", "Согласен."),
]  # fmt: skip

BELOW_OR_BETWEEN = [
    ("Yandex", f"{YANDEX}\n{QUOTE}\n\nДа, подходит.", "Да, подходит."),
    ("Thunderbird", f"{THUNDERBIRD}\n{QUOTE}\nДа, подходит.\n\n-- \nПётр", "Да, подходит."),
    ("The Bat!", f"Здравствуйте, Ольга.\n\n{BAT}\n\nСС> Подходит ли 14:00?\n\nДа.\n", "Здравствуйте, Ольга.\n\nДа."),
    ("greeting above, answer below", f"Добрый день!\n\n{YANDEX}\n{QUOTE}\n\nДа, в 14:00.", "Добрый день!\n\nДа, в 14:00."),
    ("closing below", f"Да.\n\n{YANDEX}\n{QUOTE}\n\nС уважением,\nПётр Иванов\n+7 900 000-05-01", "Да."),
    ("Apple, quoted attribution", f"> {APPLE}\n>\n> Подходит ли?\n\nДа.", "Да."),
    ("unmarked", f"{YANDEX}\n\nТекст без пометок", "Текст без пометок"),
    ("between", "> Подходит ли 14:00?\n\nДа.\n\n> Куда приехать?\n\nНа склад.", "> Подходит ли 14:00?\n\nДа.\n\n> Куда приехать?\n\nНа склад."),
    ("between, attribution", f"{YANDEX}\n> Когда?\nЗавтра.\n> Куда?\nНа склад.", "> Когда?\nЗавтра.\n> Куда?\nНа склад."),
    ("between, greeting", f"Добрый день!\n{YANDEX}\n> Когда?\nЗавтра.\n> Куда?\nНа склад.\n> Спасибо", "Добрый день!\n\n> Когда?\nЗавтра.\n> Куда?\nНа склад."),
    ("between, history below", f"{YANDEX}\n> Когда?\nЗавтра.\n> Куда?\nНа склад.\n\n{OUTLOOK}\n\nТекст", "> Когда?\nЗавтра.\n> Куда?\nНа склад."),
    ("history with answers between", f"Да.\n\n{OUTLOOK}\n\nТекст\n> а\nб\n> в\nг", "Да."),
]  # fmt: skip

KEPT = [
    "Добрый день!\nМы писали вам 17.11.2026 и ждём ответа.",
    "Добрый день! Вы писали, что приедете завтра",
    "Вы писали: приедем завтра. Не приехали.",
    "Мастер написал:\nменяйте насос.\nЧто делать?",
    "17 ноября мне написал мастер, вот что он просит:\nтруба 20 мм\nкран",
    "Нужны:\n- насос\n- кран\n\nОт: 5 штук",
    "Тема: насос\nСрок: завтра",
    "Кому: складу\nТема: насос",
    "Перевозка.\nОт: Тверь\nДо: Москва\nДата: 18.11",
    "Везём.\nОт: Тверь\nКому: склад\nДата: 18.11",
    "Письмо от директора:\nнадо чинить.",
    "Нужен ремонт.\n---\nНасос № 2.\nЕщё кран.",
    "Позиции:\n----------\nНасос\nКран",
    "ФИО:\n__________\nАдрес:\n__________",
    "Здесь 5 > 3, и всё.\nИ ещё.",
    "| Насос | 2 |\n| Кран | 3 |",
    "C> dir\nработает",
    "Пересылаем вам договор:\nон во вложении.",
    "Исходное сообщение утеряно, пришлите ещё раз.",
    "С уважением,\nПётр",
    "Согласен.\nС уважением,\nПётр\n+7 900 000-05-01",
    "Отправлено через Почту России, трек 12345",
    "Отправлено с завода вчера, ждём вас.\nПётр",
    "Счёт отправлено вам",
    "Звоните с телефона 8 900 000-05-01",
    "Просим до 17.11.2026 сообщить по адресу petr@example.com:\nвремя и цену",
    "В 10:12 17.11.2026 случилась авария:\nтечёт вода",
    "--\nПётр",
]  # fmt: skip

SIGNED = [
    ("-- \nПётр Иванов\nООО «Ромашка»", True),
    ("--\nПётр", True),
    ("--\nС уважением, Пётр\n+7 900 000-05-01", True),
    ("_______________\nС уважением, Пётр", True),
    ("----------\nС уважением,\nПётр", True),
    ("—\nОтправлено с iPhone", True),
    ("Отправлено с iPhone", True),
    ("Отправлено с iPad Петра", True),
    ("Отправлено с моего iPhone", True),
    ("Отправлено с устройства Samsung", True),
    ("Отправлено с телефона", True),
    ("Отправлено из мобильной Почты Mail.ru", True),
    ("Отправлено из Почты Mail.ru для Android", True),
    ("Отправлено из мобильной Яндекс Почты: http://m.ya.example/ymail", True),
    ("Отправлено из Яндекс.Почты для мобильных", True),
    ("Отправлено из мобильного приложения Яндекс Почты", True),
    ("Отправлено из Outlook для iOS<https://example.com/ios>", True),
    ("Отправлено из приложения Почта для Windows", True),
    ("Послано с BlackBerry", True),
    ("Скачать Outlook для Android", True),
    ("Отправлено с iPhone\nПётр Иванов\n+7 900 000-05-01", True),
    ("Без вирусов. www.example.com", True),
    ("С уважением,\nПётр", False),
    ("Спасибо,\nПётр", False),
]


@pytest.mark.parametrize(("text", "reply"), [case[1:] for case in TOP_POSTED], ids=[case[0] for case in TOP_POSTED])
def test_top_posted(text: str, reply: str) -> None:
    assert split_reply(text).reply == reply


@pytest.mark.parametrize(
    ("text", "reply"), [case[1:] for case in BELOW_OR_BETWEEN], ids=[case[0] for case in BELOW_OR_BETWEEN]
)
def test_below_or_between(text: str, reply: str) -> None:
    assert split_reply(text).reply == reply


@pytest.mark.parametrize("text", KEPT)
def test_prose_is_kept(text: str) -> None:
    assert split_reply(text).reply == text


@pytest.mark.parametrize(("signature", "is_signature"), SIGNED)
def test_signatures(signature: str, is_signature: bool) -> None:
    parts = split_reply(f"Да, в 14:00.\n\n{signature}\n\n{YANDEX}\n{QUOTE}")
    assert (parts.reply == "Да, в 14:00.") is is_signature
    assert (signature in parts.signature) is is_signature
    assert signature in f"{parts.reply}\n{parts.signature}"
