"""The log: one table, the functions that write and read it, and the triggers that freeze it."""

import logging

from django.db import DatabaseError, migrations, models, transaction

from bawaslu_cases.audit import sql

logger = logging.getLogger(__name__)


def hand_over(apps, schema_editor):
    """Give everything to a role of its own, or say that this server does not let us."""
    connection = schema_editor.connection
    if connection.alias != "audit":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(sql.OWN)
            cursor.execute(sql.hand_over())
    except DatabaseError:
        logger.warning("audit.owner_role_missing role=%s see=docs/operations.md", sql.OWNER)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("action", models.TextField()),
                ("subject", models.TextField()),
                ("purpose", models.TextField()),
                ("detail", models.TextField()),
                ("prev", models.BinaryField()),
                ("hash", models.BinaryField()),
            ],
            options={"db_table": "audit_event", "ordering": ["seq"], "managed": False},
        ),
        migrations.RunSQL(
            sql.CREATE_TABLE + sql.create_functions() + sql.create_triggers(),
            f"DROP TABLE {sql.TABLE} CASCADE;"
            + "".join(f"DROP FUNCTION {sql.plain(name)};" for name in reversed(sql.FUNCTIONS) if "audit_read" not in name),
        ),
        migrations.RunPython(hand_over, migrations.RunPython.noop),
    ]
