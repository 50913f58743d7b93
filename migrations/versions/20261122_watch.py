"""Movements by channel and method, so that the watch reads only what is late."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_movement_latest", table_name="movement")
    op.create_index("ix_movement_latest", "movement", ["state", "channel", "method", "latest"])
    op.create_index("ix_movement_called", "movement", ["state", "channel", "method", "called_at"])


def downgrade() -> None:
    op.drop_index("ix_movement_called", table_name="movement")
    op.drop_index("ix_movement_latest", table_name="movement")
    op.create_index("ix_movement_latest", "movement", ["state", "latest"])
