"""A merchant's account names its platform: its shop's number alone says too little.

Where all cases and orders of the shop are of one platform, it is that one. Others are left without
and see nothing: make a new account or token for them (docs/operator.md).
"""

from __future__ import annotations

from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

NAMED = """\
UPDATE account SET platform = (
  SELECT MIN(seen.platform) FROM (
    SELECT platform, shop_id FROM case_file
    UNION SELECT platform, shop_id FROM order_snapshot
  ) AS seen WHERE seen.shop_id = account.shop_id
  GROUP BY seen.shop_id HAVING COUNT(*) = 1
) WHERE platform IS NULL AND shop_id IS NOT NULL"""


def upgrade() -> None:
    op.execute(NAMED)


def downgrade() -> None:
    """A platform that is named hurts nobody."""
