"""The names that mail programs give to From, To, Date and Subject when they copy a message's header into the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Role = Literal["from", "to", "cc", "date", "subject", "reply_to"]

# English, Russian, Ukrainian, Belarusian, Bulgarian, Serbian, Norwegian, Danish, Swedish, Finnish, Estonian, Latvian,
# Lithuanian, German, Dutch, French, Spanish, Portuguese, Italian, Romanian, Polish, Czech, Slovak, Croatian, Slovene,
# Hungarian, Turkish, Greek, Hebrew, Arabic, Vietnamese, Indonesian, Chinese, Japanese and Korean programs.
_NAMES: dict[Role, str] = {
    "from": "from, sender, sent by, от, от кого, отправитель, від, від кого, відправник, ад, ад каго, подател, од, "
    "fra, avsender, afsender, från, avsändare, lähettäjä, keneltä, saatja, kellelt, sūtītājs, nuo, siuntėjas, von, "
    "absender, van, afzender, de, de la, expéditeur, remitente, remetente, da, mittente, expeditor, expeditorul, od, "
    "nadawca, odesílatel, odosielateľ, šalje, pošiljatelj, pošiljalac, feladó, kimden, gönderen, από, αποστολέας, "
    "מאת, من, từ, người gửi, dari, pengirim, 发件人, 寄件者, 寄件人, 發件人, 差出人, "
    "送信者, 送信元, 보낸 사람, 보낸사람, 발신자",
    "to": "to, кому, получатель, получатели, каму, получател, прима, til, mottaker, modtager, till, mottagare, "
    "vastaanottaja, kenelle, kellele, saaja, kam, adresāts, gavėjas, an, empfänger, aan, ontvanger, à, a, pour, "
    "destinataire, destinataires, para, destinatario, destinatário, destinatari, către, destinatar, destinatarul, do, "
    "adresat, komu, příjemce, pre, príjemca, prima, za, prejemnik, címzett, kime, alıcı, προς, παραλήπτης, אל, إلى, "
    "đến, tới, kepada, untuk, 收件人, 收件者, 宛先, 받는 사람, 받는사람, 수신자",
    "cc": "cc, bcc, копия, скрытая копия, копія, копие, kopi, kopia, kopio, koopia, kopija, kopie, kopie (cc), copie, "
    "copie à, copia, con copia, cópia, com cópia, copie către, do wiadomości, dw, kópia, másolat, másolatot kap, "
    "bilgi, κοιν., κοινοποίηση, עותק, نسخة, đồng gửi, tembusan, 抄送, 副本, 参照, 참조",
    "date": "date, sent, sent at, received, дата, отправлено, отправлена, дата отправки, надіслано, відправлено, "
    "адпраўлена, изпратено, датум, послато, sendt, dato, skickat, skickades, datum, päivämäärä, päiväys, lähetetty, "
    "kuupäev, saadetud, saatmisaeg, datums, nosūtīts, data, išsiųsta, gesendet, verzonden, verstuurd, envoyé, "
    "envoyé le, enviado, enviado el, fecha, fecha de envío, enviada, enviada em, enviado em, enviado a, inviato, "
    "trimis, trimis la, dată, wysłano, wysłane, odesláno, odoslané, dátum, poslano, poslato, küldve, elküldve, tarih, "
    "gönderilme tarihi, gönderildi, gönderim, ημερομηνία, στάλθηκε, נשלח, תאריך, التاريخ, تاريخ, đã gửi, "
    "ngày, dikirim, tanggal, 发送时间, 发送日期, 日期, 寄件日期, 寄件时间, 傳送時間, 時間, 时间, "
    "送信日時, 送信日, 日付, 日時, 보낸 날짜, 날짜",
    "subject": "subject, re, тема, тэма, относно, наслов, emne, ämne, ärende, aihe, teema, temats, tema, betreff, "
    "onderwerp, objet, sujet, asunto, assunto, assumpte, oggetto, subiect, subiectul, temat, předmět, predmet, naslov, "
    "zadeva, tárgy, konu, θέμα, נושא, الموضوع, chủ đề, tiêu đề, subjek, perihal, 主题, 主題, 主旨, 标题, 件名, 제목",
    "reply_to": "reply-to, reply to, ответить, кому ответить, svar til, svara till, antwort an, antwoord aan, "
    "répondre à, responder a, rispondi a, odpowiedź do, odpověď komu, vastausosoite, svarsadresse",
}
_ROLES: dict[str, Role] = {name.strip(): role for role, names in _NAMES.items() for name in names.split(",")}
_SEARCHED_CHARS = 40
_BLOCK_LINES = 12
_FEWEST_ROLES = 3
_FOLDED_LINES = 3
_ONE_LINE_CHARS = 1000
_LONGEST_LABEL = 20


def label_of(line: str) -> tuple[Role, str] | None:
    """The header that a line repeats and its value ('*От:* Пётр' is ('from', 'Пётр')), None for any other line."""
    colon = line.find(":", 0, _SEARCHED_CHARS)
    if colon < 1:
        colon = line.find("：", 0, _SEARCHED_CHARS)
        if colon < 1:
            return None
    role = _ROLES.get(line[:colon].strip(" \t*_>").lower())
    return (role, line[colon + 1 :].strip(" \t*_")) if role else None


def is_header_block(lines: Sequence[str], start: int) -> bool:
    """Whether a copied header begins here: three known labels within twelve lines, the sender's among them.

    A subject or an address must be there, too ('От: Тверь, Кому: склад, Дата: 18.11' is an order, not a header);
    without a sender's label date, subject and a receiver with an address.
    """
    if label_of(lines[start]) is None:
        return False
    found = dict(label for line in lines[start : start + _BLOCK_LINES] if (label := label_of(line)))
    if len(found) < _FEWEST_ROLES:
        return False
    if "from" in found:
        return "subject" in found or any("@" in value for value in found.values())
    return bool({"date", "subject"} <= found.keys() and "@" in found.get("to", ""))


def header_length(lines: Sequence[str], start: int) -> int:
    """How many lines the header that begins at `start` takes, folded lines and blank ones between labels included.

    Only labels not seen before continue it, so that the next header of a chain is never taken into this one.
    """
    seen: set[Role] = set()
    end = start
    for index in range(start, min(start + 2 * _BLOCK_LINES, len(lines))):
        found = label_of(lines[index])
        if found and found[0] not in seen:
            seen.add(found[0])
            end = index + 1
        elif found or index - end >= _FOLDED_LINES or (_is_blank_end(lines, index) and len(seen) >= _FEWEST_ROLES):
            break
    if end < len(lines) and lines[end - 1].endswith((",", ";")) and _is_blank_end(lines, end + 1):
        end += 1
    return end - start


def _is_blank_end(lines: Sequence[str], index: int) -> bool:
    """A blank line after which no further label stands."""
    if index >= len(lines) or lines[index].strip():
        return False
    return index + 1 >= len(lines) or label_of(lines[index + 1]) is None


def header_values(lines: Sequence[str]) -> dict[Role, str]:
    """What a copied header says, folded lines joined; of doubled labels the first."""
    values: dict[Role, str] = {}
    last: Role | None = None
    for line in lines:
        found = label_of(line)
        if found:
            last = found[0] if found[0] not in values else None
            values.setdefault(*found)
        elif last and line.strip():
            values[last] = f"{values[last]} {line.strip()}".strip()
    return values


def run_together_values(line: str) -> dict[Role, str]:
    """The same of a header on one line with nothing between its parts ('De: A <a@example.com>Para: B'): Yahoo's."""
    colons = (index for index, character in enumerate(line[:_ONE_LINE_CHARS]) if character == ":")
    places = [place for colon in colons if (place := _label_before(line, colon))]
    values: dict[Role, str] = {}
    for number, (role, _, begin) in enumerate(places, 1):
        end = places[number][1] if number < len(places) else len(line)
        values.setdefault(role, line[begin:end].strip())
    return values


def _label_before(line: str, colon: int) -> tuple[Role, int, int] | None:
    """Role, beginning and end of the longest capitalised label that ends at a colon."""
    for start in range(max(0, colon - _LONGEST_LABEL), colon):
        role = _ROLES.get(line[start:colon].lower())
        if role and not line[start].islower() and line[start] != " ":
            return role, start, colon + 1
    return None
