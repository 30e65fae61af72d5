"""Errors a user can cause. Each says in one line what is wrong; the command line turns it into an exit code."""

from __future__ import annotations


class CalloutError(Exception):
    """Something a user can put right; its text is one line, shown without a traceback."""

    exit_code = 1


class UsageError(CalloutError):
    """A command or form was filled in wrongly."""

    exit_code = 2


class OfficeError(CalloutError):
    """The office folder holds mistakes; `problems` lists each as 'file:line: reason'."""

    exit_code = 3

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(problems[0] if len(problems) == 1 else f"{problems[0]} (and {len(problems) - 1} more)")


class OutsideError(CalloutError):
    """A system outside (mailbox, mail server, Prefect, file) cannot be reached or answers wrongly.

    `is_permanent` is the only distinction a caller may need: retrying cannot help.
    """

    exit_code = 4

    def __init__(self, message: str, *, is_permanent: bool = False) -> None:
        self.is_permanent = is_permanent
        super().__init__(message)


class CredentialError(OutsideError):
    """A password or token is missing or was refused."""

    exit_code = 5

    def __init__(self, message: str) -> None:
        super().__init__(message, is_permanent=True)


class StoreError(CalloutError):
    """The database cannot be used: unreachable, of another version, or full."""

    exit_code = 6


class PortTakenError(CalloutError):
    """Another process listens where we should."""

    exit_code = 7
