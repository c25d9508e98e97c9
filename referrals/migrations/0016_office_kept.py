"""A referral and a follow-up keep their case's office.

A list of one office then reads one index, and an officer's sight of a row asks no other table. The keys of
both columns hold it true: no row can name another office than its case, and a case that moves takes its
referrals and follow-ups along in the same statement.

That the columns are filled is said in SQL: Django's own step would drop and make anew the keys to the offices,
and for that hold their table, which every report reads, to the end of the migration.
"""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE referrals_referral row SET office_id = above.office_id
    FROM complaints_case above WHERE above.id = row.case_id;
UPDATE referrals_followup row SET office_id = above.office_id
    FROM referrals_referral above WHERE above.id = row.referral_id;
-- What waits for the end of the transaction would keep the tables from being altered.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
FILLED = """
ALTER TABLE referrals_referral ALTER COLUMN office_id SET NOT NULL;
ALTER TABLE referrals_followup ALTER COLUMN office_id SET NOT NULL;
"""
MAY_LACK = """
ALTER TABLE referrals_followup ALTER COLUMN office_id DROP NOT NULL;
ALTER TABLE referrals_referral ALTER COLUMN office_id DROP NOT NULL;
"""
TIED = """
ALTER TABLE referrals_referral ADD CONSTRAINT referral_office_of_its_case
    FOREIGN KEY (office_id, case_id) REFERENCES complaints_case (office_id, id)
    ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE referrals_followup ADD CONSTRAINT follow_up_office_of_its_referral
    FOREIGN KEY (office_id, referral_id) REFERENCES referrals_referral (office_id, id)
    ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""
LOOSE = """
ALTER TABLE referrals_followup DROP CONSTRAINT follow_up_office_of_its_referral;
ALTER TABLE referrals_referral DROP CONSTRAINT referral_office_of_its_case;
"""


def _office(*, null: bool) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="registry.office",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0040_case_office_key"),
        ("referrals", "0015_follow_up_lists"),
    ]

    operations = [
        migrations.AddField("referral", "office", _office(null=True)),
        migrations.AddField("followup", "office", _office(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(
            FILLED,
            MAY_LACK,
            state_operations=[
                migrations.AlterField("referral", "office", _office(null=False)),
                migrations.AlterField("followup", "office", _office(null=False)),
            ],
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                fields=("office", "id"), name="referral_office_told"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["office", "id"], name="follow_up_office_told"),
        ),
        migrations.RunSQL(TIED, LOOSE),
    ]
