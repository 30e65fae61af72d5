"""The balance of a mailbox: what its server shows beside what was stored of it, by folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tasks.desk import Desk
from tasks.gateways.imap_census import take_census
from tasks.gateways.pop3_census import take_drop_census
from tasks.gateways.store.balance import stored_folder, stored_uids
from tasks.gateways.store.connection import reading
from tasks.gateways.store.drop_balance import stored_drop
from tasks.gateways.store.intake import cursor_name, read_position, stored_keys
from tasks.rules.balance import SourceBalance, balance_mail, not_checked
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.mail.fetched import Position
from tasks.rules.office import Mailbox


def balance_mailbox(desk: Desk, mailbox: Mailbox, now: datetime) -> list[SourceBalance]:
    """Every folder of one mailbox: the server first, the store after it, so that what comes meanwhile is no difference.

    The source is mail:NAME, or mail:NAME:FOLDER where there are several.
    """
    return [_balance_folder(desk, mailbox, folder, now) for folder in mailbox.folders]


def _balance_folder(desk: Desk, mailbox: Mailbox, folder: str, now: datetime) -> SourceBalance:
    source = f"mail:{mailbox.name}" if len(mailbox.folders) == 1 else f"mail:{mailbox.name}:{folder}"
    with reading(desk.engine) as connection:
        position = read_position(connection, cursor_name(mailbox.name, folder))
    try:
        secret = desk.secrets.read(mailbox.secret)
        if mailbox.protocol == "pop3":
            return _balance_drop(desk, mailbox, secret, source, position, now)
        return _balance_imap(desk, mailbox, secret, folder, source, position, now)
    except CredentialError:
        return not_checked(source, "no password, or the sign-in was refused")
    except OutsideError:
        return not_checked(source, "the server was not reached, or failed")


def _balance_imap(
    desk: Desk, mailbox: Mailbox, secret: str, folder: str, source: str, position: Position, now: datetime
) -> SourceBalance:
    def known(uidvalidity: int) -> set[int]:
        with reading(desk.engine) as connection:
            return stored_uids(connection, mailbox.name, folder, uidvalidity)

    census = take_census(mailbox, secret, known, folder)
    with reading(desk.engine) as connection:
        stored = stored_folder(connection, mailbox.name, folder, census.uidvalidity, now)
    first_run = position.first_run
    passed_over = {
        uid for uid, one in census.unknown.items() if first_run and first_run.passes_over(uid, one.received_at)
    }
    return balance_mail(source, census, stored, now, passed_over)


def _balance_drop(
    desk: Desk, mailbox: Mailbox, secret: str, source: str, position: Position, now: datetime
) -> SourceBalance:
    def known(natural_keys: Sequence[str]) -> set[str]:
        with reading(desk.engine) as connection:
            return stored_keys(connection, mailbox.name, natural_keys)

    drop = take_drop_census(mailbox, secret, known, position.passed_over)
    with reading(desk.engine) as connection:
        stored = stored_drop(connection, mailbox.name, drop.numbers, now)
    return balance_mail(source, drop.census, stored, now, drop.passed_over)
