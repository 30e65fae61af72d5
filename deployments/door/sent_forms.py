"""What a form of a page sends: texts by name, and files for those of its fields that take one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request

from deployments.door.faults import Fault
from deployments.door.rendering import say
from tasks.form_files import PostedFile, named

_MOST_FIELDS = 100
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class SentForm:
    """The texts of a form, several of one name in one text, and its files; an input without a file sends none."""

    texts: dict[str, str]
    files: tuple[PostedFile, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Everything that something was sent for."""
        return frozenset(self.texts) | {file.field for file in self.files}


async def sent_form(request: Request, most_files: int = _MOST_FIELDS) -> SentForm:
    """The form of a page; several texts of one name are put together, apart by commas. Raises Fault."""
    async with request.form(max_files=most_files, max_fields=_MOST_FIELDS) as form:
        pairs = [(name, text) for name, text in form.multi_items() if isinstance(text, str)]
        uploads = [(name, part) for name, part in form.multi_items() if isinstance(part, UploadFile) and part.filename]
        files = tuple([PostedFile(name, part.filename or "", await part.read()) for name, part in uploads])
    found: dict[str, str] = {}
    for name, text in pairs:
        found[name] = ", ".join(part for part in (found.get(name, ""), text.strip()) if part)
    if any(len(text) > _LONGEST for text in found.values()):
        raise Fault("wrong_input")
    return SentForm(found, files)


async def typed_texts(request: Request) -> dict[str, str]:
    """The texts of a form that takes no files. Raises Fault."""
    return (await sent_form(request, most_files=0)).texts


def changed_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Those of the fields that differ from what the page showed, which it sends along as was:NAME."""
    sent = {name: text for name, text in texts.items() if not name.startswith("was:")}
    return {name: text for name, text in sent.items() if text != texts.get(f"was:{name}", "")}


def file_problems(request: Request, form: str, refused: Sequence[PostedFile]) -> list[tuple[str, str]]:
    """A line for each file that is no document; it leads to the input of its field in the form."""
    found = []
    for file in refused:
        words = say(
            request,
            "These files are no documents: %(names)s. Send PDF, pictures or office files.",
            names=named(file.name),
        )
        found.append((f"{form}-{file.field}", words))
    return found
