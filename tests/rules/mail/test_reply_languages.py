"""Attributions, copied headers and rows in the languages that clients abroad have their programs in."""

from __future__ import annotations

import pytest

from tasks.rules.mail.reply_text import split_reply
from tasks.rules.mail.subjects import is_forward_subject, is_reply_subject, without_prefixes

ADDRESS = "Ann Lee <ann@example.com>"

ATTRIBUTIONS = [
    "Am Di., 17. Nov. 2026 um 10:12 Uhr schrieb Ann Lee <ann@example.com>:",
    "Ann Lee <ann@example.com> schrieb am Di., 17. Nov. 2026,\n10:12:",
    "Ann Lee <ann@example.com>\nschrieb am Di., 17.\nNov. 2026 um 10:12 Uhr:",
    "Am 17.11.2026 um 10:12 schrieb Ann Lee:",
    "Le mar. 17 nov. 2026 à 10:12, Ann Lee <ann@example.com> a écrit :",
    "Le 17/11/2026 à 10:12, Ann Lee a écrit\u00a0:",
    "El mar, 17 nov 2026 a las 10:12, Ann Lee (<ann@example.com>) escribió:",
    "El 17 de noviembre de 2026, 10:12, Ann Lee<ann@example.com> escribió:",
    "Il giorno mar 17 nov 2026 alle ore 10:12 Ann Lee <ann@example.com>\nha scritto:",
    "Il 17/11/2026 10:12, Ann Lee ha scritto:",
    "Em ter., 17 de nov. de 2026 às 10:12, Ann Lee <ann@example.com>\nescreveu:",
    "Em 17/11/2026 10:12, Ann Lee escreveu:",
    "Op di 17 nov. 2026 om 10:12 schreef Ann Lee <ann@example.com>:",
    "Op 17 nov. 2026, om 10:12 heeft Ann Lee <ann@example.com> het volgende geschreven:",
    "Den tis 17 nov. 2026 kl 10:12 skrev Ann Lee <ann@example.com>:",
    "17 nov. 2026 kl. 10:12 skrev Ann Lee <ann@example.com>:",
    "Den tir. 17. nov. 2026 kl. 10.12 skrev Ann Lee <ann@example.com>:",
    "ti 17. marrask. 2026 klo 10.12 Ann Lee (ann@example.com) kirjoitti:",
    "Ann Lee kirjoitti 17.11.2026 klo 10.12:",
    "wt., 17 lis 2026 o 10:12 Ann Lee <ann@example.com> napisał(a):",
    "W dniu 17.11.2026 o 10:12, Ann Lee pisze:",
    "út 17. 11. 2026 v 10:12 odesílatel Ann Lee <ann@example.com> napsal:",
    "Dne 17.11.2026 v 10:12 Ann Lee napsal(a):",
    "ut 17. 11. 2026 o 10:12 Ann Lee <ann@example.com> napísal(a):",
    "вт, 17 лист. 2026 р. о 10:12 Ann Lee <ann@example.com> пише:",
    "17.11.2026 10:12, Ann Lee пише:",
    "Ann Lee <ann@example.com> ezt írta (időpont: 2026. nov. 17., K, 10:12):",
    "Ann Lee <ann@example.com>, 17 Kas 2026 Sal, 10:12 tarihinde şunu yazdı:",
    "În mar., 17 nov. 2026 la 10:12, Ann Lee <ann@example.com> a scris:",
    "Στις Τρί 17 Νοε 2026 στις 10:12 π.μ., ο χρήστης Ann Lee <ann@example.com> έγραψε:",
    "Ann Lee <ann@example.com> 于2026年11月17日周二 上午10:12写道：",
    "在 2026年11月17日，上午10:12，Ann Lee <ann@example.com> 写道：",
    "Ann Lee <ann@example.com> 於 2026年11月17日 週二 上午10:12寫道：",
    "2026年11月17日(火) 10:12 Ann Lee <ann@example.com>:",
    "2026/11/17 10:12、Ann Leeのメール:",
    "2026년 11월 17일 (화) 오전 10:12, Ann Lee <ann@example.com>님이 작성:",
]

BLOCKS = [
    "Von: Ann\nGesendet: Dienstag, 17. November 2026 10:12\nAn: Jo\nBetreff: x",
    "De : Ann\nEnvoyé : mardi 17 novembre 2026 10:12\nÀ : Jo\nObjet : x",
    "De: Ann\nEnviado el: martes, 17 de noviembre de 2026\nPara: Jo\nAsunto: x",
    "De: Ann\nEnviada em: terça-feira, 17 de novembro\nPara: Jo\nAssunto: x",
    "Da: Ann\nInviato: martedì 17 novembre 2026\nA: Jo\nOggetto: x",
    "Van: Ann\nVerzonden: dinsdag 17 november 2026\nAan: Jo\nOnderwerp: x",
    "Från: Ann\nSkickat: den 17 november 2026\nTill: Jo\nÄmne: x",
    "Fra: Ann\nSendt: 17. november 2026\nTil: Jo\nEmne: x",
    "Lähettäjä: Ann\nLähetetty: tiistai 17. marraskuuta\nVastaanottaja: Jo\nAihe: x",
    "Od: Ann\nWysłano: wtorek, 17 listopada 2026\nDo: Jo\nTemat: x",
    "Od: Ann\nOdesláno: úterý 17. listopadu 2026\nKomu: Jo\nPředmět: x",
    "Від: Ann\nНадіслано: вівторок, 17 листопада\nКому: Jo\nТема: x",
    "Feladó: Ann\nElküldve: 2026. november 17.\nCímzett: Jo\nTárgy: x",
    "Kimden: Ann\nGönderildi: 17 Kasım 2026\nKime: Jo\nKonu: x",
    "发件人: Ann\n发送时间: 2026年11月17日\n收件人: Jo\n主题: x",
    "发件人：Ann\n日期：2026年11月17日\n收件人：Jo\n主题：x",
    "差出人: Ann\n送信日時: 2026年11月17日\n宛先: Jo\n件名: x",
    "보낸 사람: Ann\n보낸 날짜: 2026년 11월 17일\n받는 사람: Jo\n제목: x",
    "________________________________\nOdosielajúci: ann@example.com\nČas: 17\nPríjem: Jo",
]

ROWS = [
    "-----Ursprüngliche Nachricht-----",
    "-------- Message d'origine --------",
    "-----Mensaje original-----",
    "-----Mensagem original-----",
    "-----Messaggio originale-----",
    "-----Oorspronkelijk bericht-----",
    "-----Ursprungligt meddelande-----",
    "-----Oprindelig meddelelse-----",
    "-----Alkuperäinen viesti-----",
    "-----Wiadomość oryginalna-----",
    "-----Původní zpráva-----",
    "----- Початкове повідомлення -----",
    "-----Eredeti üzenet-----",
    "------------------ 原始邮件 ------------------",
    "-----元のメッセージ-----",
    "-----원본 메시지-----",
]

FOOTERS = [
    "Von meinem iPhone gesendet",
    "Gesendet mit der GMX Mail App von meinem Android",
    "Envoyé de mon iPhone",
    "Enviado desde mi iPhone",
    "Enviado do meu iPhone",
    "Inviato da iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone’a",
    "Odesláno z iPhonu",
    "Надіслано з iPhone",
    "iPhone'umdan gönderildi",
    "发自我的iPhone",
    "iPhoneから送信",
    "나의 iPhone에서 보냄",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("quote", ["> Hello\n> again", "\n\n> Hello\n>\n> again"])
def test_attributions(attribution: str, quote: str) -> None:
    assert split_reply(f"Yes, please.\n\n{attribution}\n{quote}").reply == "Yes, please."


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_an_answer_below_an_attribution(attribution: str) -> None:
    assert split_reply(f"{attribution}\n> Hello\n\nYes, please.").reply == "Yes, please."


@pytest.mark.parametrize("attribution", [case for case in ATTRIBUTIONS if "@" in case])
def test_attributions_above_unmarked_text(attribution: str) -> None:
    assert split_reply(f"Yes, please.\n\n{attribution}\n\nHello\nagain").reply == "Yes, please."


@pytest.mark.parametrize("block", BLOCKS)
def test_copied_headers(block: str) -> None:
    assert split_reply(f"Yes, please.\n\n{block}\n\nHello").reply == "Yes, please."


@pytest.mark.parametrize("row", ROWS)
def test_rows(row: str) -> None:
    assert split_reply(f"Yes, please.\n\n{row}\nHello").reply == "Yes, please."


@pytest.mark.parametrize("footer", FOOTERS)
def test_footers(footer: str) -> None:
    assert split_reply(f"Yes, please.\n\n{footer}").signature == footer


@pytest.mark.parametrize(
    "subject", ["Re: x", "RE: x", "re[2]: x", "AW: x", "SV: x", "Отв: x", "[office] Re: x", "回复：x"]
)
def test_answers_by_subject(subject: str) -> None:
    assert is_reply_subject(subject)
    assert not is_forward_subject(subject)


@pytest.mark.parametrize("subject", ["Fwd: x", "FW: x", "WG: x", "TR: x", "VS: x", "VB: x", "Пересл: x", "转发: x"])
def test_forwards_by_subject(subject: str) -> None:
    assert is_forward_subject(subject)
    assert not is_reply_subject(subject)


@pytest.mark.parametrize("subject", ["Report: x", "Tresor: x", "", "Ремонт: x", "Retry: x", "fwd x"])
def test_other_subjects(subject: str) -> None:
    assert not is_reply_subject(subject)
    assert not is_forward_subject(subject)


def test_prefixes_are_taken_away() -> None:
    assert without_prefixes("Re: Fwd: RE[2]: Насос") == "Насос"
    assert without_prefixes("Насос: Re: x") == "Насос: Re: x"
