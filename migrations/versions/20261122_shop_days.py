"""A shop's day is its platform's: two shops of one number on two platforms have a limit each.

What was set aside on each day is counted anew from the reservations.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COUNTED = """\
INSERT INTO money_day (day, {column}, fen)
SELECT day, {whose}, SUM(amount_fen) FROM reservation
 WHERE state <> 'RELEASED' GROUP BY day, {whose}"""
TOGETHER = """\
INSERT INTO money_day (day, {column}, fen)
SELECT day, '', SUM(amount_fen) FROM reservation WHERE state <> 'RELEASED' GROUP BY day"""


def upgrade() -> None:
    with op.batch_alter_table("control") as control:
        control.alter_column("subject", existing_type=sa.String(128), type_=sa.String(200))
    _count_anew("whose", 200, "platform || '/' || shop_id")


def downgrade() -> None:
    _count_anew("shop_id", 128, "shop_id")
    with op.batch_alter_table("control") as control:
        control.alter_column("subject", existing_type=sa.String(200), type_=sa.String(128))


def _count_anew(column: str, length: int, whose: str) -> None:
    op.drop_table("money_day")
    op.create_table(
        "money_day",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column(column, sa.String(length), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("fen >= 0", name=op.f("ck_money_day_fen")),
        sa.PrimaryKeyConstraint("day", column, name=op.f("pk_money_day")),
    )
    op.execute(COUNTED.format(column=column, whose=whose))
    op.execute(TOGETHER.format(column=column))
