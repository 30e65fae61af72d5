"""What telephones, mail programs and virus scanners add below a letter by themselves, and where a signature begins."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.rules.mail.courtesies import is_closing
from tasks.rules.mail.quote_marks import is_quoted

# RFC 3676, section 4.3: a line of exactly "-- "; programs and HTML lose the space, people type a longer dash.
_SIGNATURE = re.compile(r"(?:--|—|––)[ \t]*$")
_ROW = re.compile(r"\s{0,3}(?:_{5,}|-{3,}|={5,}|—{3,})\s*$")
# Programs and makers that name themselves, and words for a telephone.
_DEVICE_WORD = re.compile(
    r"(?<![a-zа-яё])(?:i-?phon\w*|i-?pad|i-?pod|android|galaxy|samsung|huawei|honor|xiaomi|redmi|poco|realme|oneplus"
    r"|oppo|pixel|nokia|lumia|xperia|sony|htc|lg|moto\w*|alcatel|blackberry|windows|surface|mac(?:book|os)?|mobile?"
    r"|mobil\w*|phone|smartphone|cell|tablet|handy|device|mailbox|outlook|gmail|inbox|yahoo|aol|proton\w*|tuta\w*"
    r"|fastmail|spark|airmail|newton|superhuman|thunderbird|bluemail|aqua ?mail|k-9|mymail|em client|mailspring|canary"
    r"|boxer|mail\.ru|icloud|hey|telefon\w*|mobiele|teléfono|móvil|cellulare|portable|puhelime\w*|komórk\w*"
    r"|телефон\w*|смартфон\w*|мобильн\w*|мобільн\w*|айфон\w*|планшет\w*|почт\w*\b(?! росси)|пошт\w*|яндекс\w*"
    r"|рамблер\w*|устройств\w*)|手机|手機|携帯|스마트폰|휴대",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"[\W_]{0,4}(?:sent (?:from|via|with|by|using|on)|отправлено (?:с|со|из|от|через|мобильн\w+)|послано (?:с|из|от)"
    r"|надіслано (?:з|із|від)|відправлено (?:з|із)|адпраўлена з|изпратено от|послато са|sendt (?:fra|med|via)"
    r"|skicka[td]e?s? (?:från|med|via)|lähetetty|saadetud|nosūtīts no|išsiųsta iš|gesendet (?:von|mit|über)"
    r"|von meinem|diese (?:nachricht|e-?mail) wurde|ver(?:zonden|stuurd) (?:met|vanaf|via|door|vanuit)"
    r"|envoyé (?:de|depuis|à partir|avec|par|via)|enviad[oa] (?:desde|do|da|de|con|com|a partir|via|pel[oa])"
    r"|inviato (?:da|dal|con|tramite)|trimis (?:de|din|cu)|wysłan[eoy] (?:z|ze|za|przez)|odesláno (?:z|ze|pomocí)"
    r"|odoslané (?:z|zo|pomocou)|poslano (?:s|sa|iz|z)|küldve|gönderen|στάλθηκε από|נשלח מ|أرسلت من|發自|发自|從|从)",
    re.IGNORECASE,
)
_SENT_LAST = re.compile(
    r"[\W_]{0,4}.{0,60}(?:gesendet|versendet|gönderildi|küldve|küldték|lähetetty|から送信|보냄|보냈습니다|傳送|发送)"
    r"[.。)>\s]*$",
    re.IGNORECASE,
)
_MY_OWN = re.compile(
    r"[\W_]{0,4}(?:sent from (?:my|a)\b|sent from \[?(?:windows |yahoo |outlook )?mail\b|\w+ from mobile$"
    r"|(?:\w+ )?from (?:my|a) (?:i-?phone|i-?pad|android|mobile|phone|cell)"
    r"|(?:(?:get|hent|hämta|hanki|pobierz|baixe o|obter o|obtener|obtenga|télécharger|scarica|download|holen sie sich"
    r"|скачать|скачайте|загрузить|завантажити)\s)?\[?outlook (?:for|для|für|pour|para|per|voor|til|för|dla)"
    r" (?:ios|android|mac|windows))",
    re.IGNORECASE,
)
_SCANNED = re.compile(
    r"[\W_]{0,4}(?:virus[- ]free\b|без вирусов\b|(?:это )?(?:письмо|сообщение) (?:было )?проверен\w* .{0,30}вирус"
    r"|this (?:e-?mail|message) (?:has been|was) (?:checked|scanned)|denne e-?posten (?:er|ble) .{0,20}virus)",
    re.IGNORECASE,
)
_MOST_CHARS = 140
_MOST_SENT_WORDS = 13
_MOST_LINES_BELOW_FOOTER = 3
_MOST_SIGNATURE_LINES = 40
_MOST_DASH_LINES = 12


def is_footer(line: str) -> bool:
    """What a telephone, a mail program or a scanner adds by itself, e.g. 'Отправлено с iPhone'."""
    if not 6 <= len(line) <= _MOST_CHARS or len(line.split()) > _MOST_SENT_WORDS:
        return False
    if _MY_OWN.match(line) or _SCANNED.match(line):
        return True
    return bool((_SENT.match(line) or _SENT_LAST.match(line)) and _DEVICE_WORD.search(line))


def signature_start(lines: Sequence[str], *, is_below_quote: bool = False) -> int:
    """The index of the first line of the signature or footer, the number of lines where there is none.

    Below a quote the dashes may come first, and a closing ('С уважением') that comes first begins a signature, too.
    """
    first = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    if is_below_quote and first < len(lines) and (_SIGNATURE.match(lines[first]) or is_closing(lines[first])):
        return first
    dashes = _dashes_start(lines, first)
    return min(dashes, _footer_start(lines[:dashes]))


def _dashes_start(lines: Sequence[str], first: int) -> int:
    """'-- ' with its space begins a signature of any length; other dashes only one of a likely length."""
    start = next((i for i, line in enumerate(lines) if i > first and line.rstrip("\t") == "-- "), len(lines))
    below = 0
    for index in range(start - 1, first, -1):
        line = lines[index]
        is_short = below <= _MOST_DASH_LINES
        if (_SIGNATURE.match(line) and (is_short or line.startswith("--"))) or (
            is_short and _ROW.match(line) and _is_signing_row(lines, index)
        ):
            start = index
        below += bool(line.strip())
        if below > _MOST_SIGNATURE_LINES:
            break
    return start


def _is_signing_row(lines: Sequence[str], index: int) -> bool:
    """A row of underscores after a blank line, or any row right above a closing; else it is part of a letter."""
    if lines[index].lstrip().startswith("_") and not lines[index - 1].strip():
        return True
    return is_closing(next((line for line in lines[index + 1 :] if line.strip()), ""))


def _footer_start(lines: Sequence[str]) -> int:
    """From the end upwards: a run of footers with up to three other lines below each."""
    start, others = len(lines), 0
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index].strip()
        if not line:
            continue
        if is_footer(line):
            start, others = index, 0
        elif is_quoted(line) or others == _MOST_LINES_BELOW_FOOTER:
            break
        else:
            others += 1
    return start
