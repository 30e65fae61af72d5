"""The demo's own mail servers: Dovecot where it is installed, else pymap, over one Maildir; aiosmtpd for what leaves.

All keep their state on disk, so that a killed demo goes on where it was.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import sys
from datetime import datetime
from pathlib import Path

from pysasl.hashing import BuiltinHash

LOGIN = "office"
_SUBFOLDERS = ("cur", "new", "tmp")

_DOVECOT = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
default_internal_user = {internal_user}
default_internal_group = {internal_group}
default_login_user = {login_user}
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:{folder}/Maildir
mail_uid = {mail_uid}
mail_gid = {mail_gid}
first_valid_uid = 0
first_valid_gid = 0
mail_fsync = never
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail_uid} gid={mail_gid} home={folder}
}}
"""


def prepare_mailbox(folder: Path, password: str) -> Path:
    """Make the Maildir and the password files of both servers; returns the Maildir."""
    maildir = folder / "Maildir"
    for name in _SUBFOLDERS:
        (maildir / name).mkdir(parents=True, exist_ok=True)
    shadow = folder / "pymap-etc-shadow"
    if not shadow.exists():
        (folder / "pymap-etc-passwd").write_text(f"{LOGIN}:x::::Maildir:\n", encoding="utf-8")
        hashed = BuiltinHash().hash(password).replace(":", "\\:")
        shadow.write_text(f"{LOGIN}:{hashed}:::::::\n", encoding="utf-8")
    return maildir


def deliver(maildir: Path, key: str, at: datetime, raw: bytes) -> bool:
    """Put one message into the mailbox, once per key; `at` becomes its INTERNALDATE. False when it was there."""
    if is_delivered(maildir, key):
        return False
    name = f"{key}.demo"
    draft = maildir / "tmp" / name
    draft.write_bytes(raw)
    os.utime(draft, (at.timestamp(), at.timestamp()))
    draft.rename(maildir / "new" / name)
    return True


def is_delivered(maildir: Path, key: str) -> bool:
    """Whether the message of this key is in the mailbox; IMAP servers add flags to its file name."""
    plain = maildir / "new" / f"{key}.demo"
    return plain.exists() or any((maildir / "cur").glob(f"{key}.demo*"))


def imap_command(folder: Path, port: int, password: str) -> list[str]:
    """The command that serves the mailbox on 127.0.0.1:`port`."""
    dovecot = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    user = _mail_user(folder)
    if dovecot is None or user is None:
        return [
            *(sys.executable, "-m", "deployments.demo.serve_pymap"),
            *("--host", "127.0.0.1", "--port", str(port), "--no-tls"),
            *("maildir", str(folder)),
        ]
    if os.geteuid() == 0:
        for path in (folder / "Maildir", *(folder / "Maildir" / name for name in _SUBFOLDERS)):
            os.chown(path, user.pw_uid, user.pw_gid)
    config = folder / "dovecot.conf"
    config.write_text(_dovecot_config(folder.resolve(), port, password, user), encoding="utf-8")
    return [dovecot, "-F", "-c", str(config)]


def _mail_user(folder: Path) -> pwd.struct_passwd | None:
    """Who Dovecot reads mail as: ourselves, or nobody when we are root (it refuses root); None if nobody cannot."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    is_open = all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.resolve().parents))
    return pwd.getpwnam("nobody") if is_open else None


def smtp_command(folder: Path, port: int) -> list[str]:
    """The command that takes mail on 127.0.0.1:`port` and keeps it in `folder`."""
    return [sys.executable, "-m", "deployments.demo.smtp_sink", "--port", str(port), "--folder", str(folder)]


def _dovecot_config(folder: Path, port: int, password: str, entry: pwd.struct_passwd) -> str:
    runs_as = pwd.getpwuid(os.geteuid())
    return _DOVECOT.format(
        folder=folder,
        port=port,
        password=password,
        internal_user=runs_as.pw_name,
        internal_group=grp.getgrgid(runs_as.pw_gid).gr_name,
        login_user="dovenull" if runs_as.pw_uid == 0 else runs_as.pw_name,
        mail_uid=entry.pw_uid,
        mail_gid=entry.pw_gid,
    )
