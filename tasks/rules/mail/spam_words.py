"""What the spam model sees of a mail: words and facts, never an address, a name, a telephone or another number.

The model keeps only counts of hashed words; what could name a person is left out before.
"""

from __future__ import annotations

import re

from tasks.rules.mail.parsed import ParsedMail

_TEXT_CHARS = 20_000
_MAX_WORDS = 1_500
_LINK = re.compile(r"(?:https?://|www\.)([^\s/<>\"'?#:\])]+)[^\s<>\"'\])]*", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_WORD = re.compile(r"[a-zа-я][a-zа-я'-]{1,23}|[$€£₽]|\d[\d.,\s]*\s?%|!{2,}|\d+")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_IP_HOST = re.compile(r"\d+(?:\.\d+){3}")
_SHOUTED = re.compile(r"\b[A-ZА-ЯЁ]{4,}\b")
_SHOUTED_MANY = 5
_LINKS_MANY = 5


def spam_words(mail: ParsedMail) -> list[str]:
    """The different words and facts of a mail, in one order for one mail."""
    text = mail.text[:_TEXT_CHARS]
    words = [*(f"subject:{word}" for word in _words(mail.subject)), *_words(mail.subject), *_words(text)]
    facts = [*_link_facts(text), *_sender_facts(mail), *_shape_facts(mail, text)]
    return sorted(set(facts) | set(words[:_MAX_WORDS]))


def _words(text: str) -> list[str]:
    bare = _ADDRESS.sub(" ", _LINK.sub(" ", text)).lower().replace("ё", "е")
    return [_shape(match[0]) for match in _WORD.finditer(bare)]


def _shape(word: str) -> str:
    """Numbers by their length alone: a price and a telephone differ, two telephones do not."""
    if word[0].isdigit():
        return "percent" if word.endswith("%") else f"number:{min(len(word), 8)}"
    return "!!" if word.startswith("!") else word


def _link_facts(text: str) -> list[str]:
    hosts = [match[1].lower() for match in _LINK.finditer(text)]
    facts = [f"link:{_domain(host)}" for host in hosts if _HOST.fullmatch(host)]
    facts += [f"address:{_domain(match[1].lower())}" for match in _ADDRESS.finditer(text)]
    if any(_IP_HOST.fullmatch(host) for host in hosts):
        facts.append("link to a bare number")
    if hosts:
        facts.append("many links" if len(hosts) >= _LINKS_MANY else "a link")
    return facts


def _sender_facts(mail: ParsedMail) -> list[str]:
    domain = mail.from_address.partition("@")[2]
    if not _HOST.fullmatch(domain):
        return ["sender:none"]
    return [f"sender:{_domain(domain)}", f"sender zone:{domain.rpartition('.')[2]}"]


def _shape_facts(mail: ParsedMail, text: str) -> list[str]:
    facts = [f"type:{mail.content_type}"]
    if mail.answers:
        facts.append("answers something")
    if not mail.subject:
        facts.append("no subject")
    if len(_SHOUTED.findall(f"{mail.subject} {text}")) >= _SHOUTED_MANY:
        facts.append("shouts")
    facts += [f"file:{file.name.rpartition('.')[2].lower()[:8]}" for file in mail.files if "." in file.name]
    return facts


def _domain(host: str) -> str:
    """The last two labels: enough to know a sender again, not a reader's own link."""
    return ".".join(host.split(".")[-2:])
