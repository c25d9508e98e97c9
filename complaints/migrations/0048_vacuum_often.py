"""Records and cases are vacuumed after a hundredth of them changed, not after a fifth.

Numbers of the desk come from indexes alone; that holds for pages that a vacuum has looked at since they
changed. At a million records PostgreSQL's own factor lets two hundred thousand changes pass.
"""

from django.db import migrations

TABLES = ("complaints_complaint", "complaints_case")
OFTEN = "autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.02"
NAMES = "autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor"


class Migration(migrations.Migration):
    # Each table alone: neither is held while the other is waited for.
    atomic = False
    dependencies = [("complaints", "0047_numbers_from_indexes")]

    operations = [
        migrations.RunSQL(
            sql=f"ALTER TABLE {table} SET ({OFTEN})",
            reverse_sql=f"ALTER TABLE {table} RESET ({NAMES})",
        )
        for table in TABLES
    ]
