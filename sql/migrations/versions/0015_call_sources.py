"""Call sources of every make: what each leg's source can tell about waiting, its recording, and what was put right."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_WAIT = "NULL: the source cannot tell how long it rang before the answer or the end"


def upgrade() -> None:
    """Add the tables and columns."""
    op.add_column("call_leg", sa.Column("wait_seconds", sa.Integer(), nullable=True, comment=_WAIT))
    for name in ("recording", "note"):
        op.add_column("call_leg", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    # legs of before are all Asterisk's, which tells waiting but for queues
    op.execute(
        "UPDATE call_leg SET wait_seconds = CASE WHEN disposition = 'answered' THEN duration_seconds - talk_seconds "
        "ELSE duration_seconds END WHERE queue IS NULL"
    )


def downgrade() -> None:
    """Take them away again."""
    for name in ("note", "recording", "wait_seconds"):
        op.drop_column("call_leg", name)
