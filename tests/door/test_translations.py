"""Every sentence of the pages has its Russian, with the same places and all its plurals; and none is left over."""

from __future__ import annotations

import re

from babel.messages.pofile import read_po

from deployments.door.rendering import FOLDER, environment, translations
from tests.door.messages import messages

_PLACES = re.compile(r"%\((\w+)\)s")


def test_the_catalogue_is_whole() -> None:
    with (FOLDER / "locale" / "ru.po").open("rb") as file:
        catalogue = read_po(file, locale="ru")
    wanted = set(messages())
    assert len(wanted) > 200
    told = {message.id: message.string for message in catalogue if message.id}
    assert set(told) == wanted
    for sentence, said in told.items():
        texts = said if isinstance(said, tuple) else (said,)
        sources = sentence if isinstance(sentence, tuple) else (sentence,)
        assert all(texts), sentence
        assert len(texts) == (3 if isinstance(sentence, tuple) else 1), sentence
        for text in texts:
            assert set(_PLACES.findall(text)) == set(_PLACES.findall(sources[0])), sentence


def test_russian_plurals() -> None:
    ngettext = translations("ru").ngettext
    said = [ngettext("%(count)s task", "%(count)s tasks", count) % {"count": count} for count in (1, 2, 5, 11, 21, 104)]
    assert said == ["1 задача", "2 задачи", "5 задач", "11 задач", "21 задача", "104 задачи"]


def test_every_template_compiles_in_both_languages() -> None:
    for language in ("ru", "en"):
        press = environment(language, "Europe/Moscow")
        for name in press.list_templates():
            press.get_template(name)
