"""Links, captures and minutes end with the record's evidence; until then nothing of a capture changes."""

from django.db import migrations, models

ERASE_ONLY = """
DROP TRIGGER {table}_append_only ON {table};
CREATE OR REPLACE FUNCTION {table}_erase_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND {erased} AND to_jsonb(NEW) - {columns} = to_jsonb(OLD) - {columns} THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER {table}_erase_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION {table}_erase_only();
"""
APPEND_ONLY = """
DROP TRIGGER {table}_erase_only ON {table};
DROP FUNCTION {table}_erase_only();
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
TABLES = (
    {
        "table": "complaints_linkcapture",
        "erased": "NEW.account = '' AND NEW.posted_on IS NULL AND NEW.posted_time IS NULL",
        "columns": "ARRAY['account', 'posted_on', 'posted_time']",
    },
    {
        "table": "complaints_captureminutes",
        "erased": "NEW.storage_name = ''",
        "columns": "'storage_name'",
    },
)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0027_reminders")]

    operations = [
        migrations.AddField("evidencelink", "erased_on", models.DateField(null=True)),
        *(
            migrations.RunSQL(ERASE_ONLY.format(**each), APPEND_ONLY.format(**each))
            for each in TABLES
        ),
    ]
