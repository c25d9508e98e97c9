"""The officer's histories refuse UPDATE, DELETE and TRUNCATE; nothing leaves the plenary undecided."""

from importlib import import_module

from django.db import migrations

append_only = import_module("complaints.migrations.0002_append_only")

TABLES = (
    "complaints_correctionevent",
    "complaints_hearingevent",
    "complaints_plenaryvote",
    "complaints_workevent",
)

DECIDED_CASE = """
CREATE FUNCTION complaints_case_was_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The row as it stands at commit: a decision of this very transaction counts. What was never
    -- assessed was sent straight on, by the decision on its report (PB7 ps 22).
    IF NOT EXISTS (
        SELECT 1 FROM complaints_plenarydecision d
        WHERE OLD.status = 'assessed' AND d.case_id = NEW.id
    ) AND NOT EXISTS (
        SELECT 1 FROM complaints_plenarydecision d
        JOIN complaints_casecomplaint l ON l.complaint_id = d.complaint_id
        WHERE OLD.status = 'registered' AND l.case_id = NEW.id AND d.outcome = 'approve_forward'
    ) THEN
        RAISE EXCEPTION 'case % left assessment without a decision of the plenary', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER case_leaves_assessment_by_plenary
    AFTER UPDATE OF status ON complaints_case DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW
    WHEN (OLD.status IN ('registered', 'assessed') AND NEW.status IN ('decided', 'stopped'))
    EXECUTE FUNCTION complaints_case_was_decided();
"""

DECIDED_COMPLAINT = """
CREATE FUNCTION complaints_complaint_was_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM complaints_plenarydecision d WHERE d.complaint_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'complaint % left the plenary without its decision', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER complaint_leaves_plenary_by_decision
    AFTER UPDATE OF status ON complaints_complaint DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW
    WHEN (
        OLD.status = 'proposed'
        AND NEW.status IN ('tracing', 'archived', 'registered', 'refused', 'forwarded', 'takeover')
    )
    EXECUTE FUNCTION complaints_complaint_was_decided();
"""

UNDO = """
DROP TRIGGER case_leaves_assessment_by_plenary ON complaints_case;
DROP FUNCTION complaints_case_was_decided();
DROP TRIGGER complaint_leaves_plenary_by_decision ON complaints_complaint;
DROP FUNCTION complaints_complaint_was_decided();
"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0019_officer_side")]

    operations = [
        *(
            migrations.RunSQL(
                append_only.FORWARD.format(table=table), append_only.BACKWARD.format(table=table)
            )
            for table in TABLES
        ),
        migrations.RunSQL(DECIDED_CASE + DECIDED_COMPLAINT, UNDO),
    ]
