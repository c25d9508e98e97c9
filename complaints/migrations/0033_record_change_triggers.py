"""Triggers that write the change feed, so that no way of writing can pass it by (ADR 0042).

A record that the API never gives out (lanes tip and sealed) leaves no row. A row stands under the
office that could see the record; one that leaves its sight leaves a last row there. Columns that the
API does not give out fire nothing.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION api_open(lane varchar) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT COALESCE(lane IN ('open', 'finding'), false)
$$;

-- Those kept away before and after: whoever was so at one time only has something to be told.
CREATE FUNCTION api_both(one bigint[], other bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN one = other THEN one
    ELSE ARRAY(SELECT unnest(one) INTERSECT SELECT unnest(other)) END
$$;

CREATE FUNCTION api_note(
  told varchar, record bigint, public uuid, office bigint, kept_from bigint[],
  of_complaint bigint, of_case bigint, person bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO complaints_recordchange AS known (
    tx, kind, record_id, public_id, office_id, excluded, complaint_id, case_id, person_id, on_day
  ) VALUES (
    pg_current_xact_id()::text::bigint, told, record, public, office, kept_from,
    of_complaint, of_case, person, CURRENT_DATE
  ) ON CONFLICT (record_id, kind, tx, office_id, person_id) DO UPDATE
    SET excluded = api_both(known.excluded, EXCLUDED.excluded)
    WHERE known.excluded <> EXCLUDED.excluded;
END $$;

CREATE FUNCTION api_note_deadlines(
  complaint bigint, the_case bigint, office bigint, kept_from bigint[], person bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api_note('deadline', d.id, d.public_id, office, kept_from, complaint, the_case, person)
    FROM complaints_deadline d WHERE d.complaint_id = complaint OR d.case_id = the_case;
END $$;

CREATE FUNCTION api_note_complaint(key bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api_note('complaint', c.id, c.public_id, c.office_id, c.excluded_offices, c.id, NULL, 0)
    FROM complaints_complaint c WHERE c.id = key AND api_open(c.lane);
END $$;

CREATE FUNCTION api_note_case(key bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api_note('case', c.id, c.public_id, c.office_id, c.excluded_offices, NULL, c.id, 0)
    FROM complaints_case c WHERE c.id = key;
END $$;

CREATE FUNCTION api_complaint_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was boolean := TG_OP <> 'INSERT' AND api_open(OLD.lane);
  is_open boolean := TG_OP <> 'DELETE' AND api_open(NEW.lane);
  moved boolean := TG_OP = 'UPDATE' AND (
    OLD.office_id <> NEW.office_id OR OLD.lane <> NEW.lane
    OR OLD.excluded_offices <> NEW.excluded_offices);
  kept_from bigint[];
BEGIN
  IF was AND is_open AND OLD.office_id = NEW.office_id THEN
    kept_from := api_both(OLD.excluded_offices, NEW.excluded_offices);
    PERFORM api_note('complaint', NEW.id, NEW.public_id, NEW.office_id, kept_from, NEW.id, NULL, 0);
    IF moved THEN
      PERFORM api_note_deadlines(NEW.id, NULL, NEW.office_id, kept_from, 0);
    END IF;
  ELSE
    IF was THEN
      PERFORM api_note(
        'complaint', OLD.id, OLD.public_id, OLD.office_id, OLD.excluded_offices, OLD.id, NULL, 0);
      PERFORM api_note_deadlines(OLD.id, NULL, OLD.office_id, OLD.excluded_offices, 0);
    END IF;
    IF is_open THEN
      PERFORM api_note(
        'complaint', NEW.id, NEW.public_id, NEW.office_id, NEW.excluded_offices, NEW.id, NULL, 0);
      IF moved THEN
        PERFORM api_note_deadlines(NEW.id, NULL, NEW.office_id, NEW.excluded_offices, 0);
      END IF;
    END IF;
  END IF;
  -- A case names its reports of lane open and its findings.
  IF TG_OP = 'UPDATE' AND was <> is_open THEN
    PERFORM api_note_case(l.case_id) FROM complaints_casecomplaint l WHERE l.complaint_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION api_case_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept_from bigint[];
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.office_id = NEW.office_id THEN
    kept_from := api_both(OLD.excluded_offices, NEW.excluded_offices);
    PERFORM api_note('case', NEW.id, NEW.public_id, NEW.office_id, kept_from, NULL, NEW.id, 0);
    IF OLD.excluded_offices <> NEW.excluded_offices THEN
      PERFORM api_note_deadlines(NULL, NEW.id, NEW.office_id, kept_from, 0);
    END IF;
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    PERFORM api_note('case', OLD.id, OLD.public_id, OLD.office_id, OLD.excluded_offices,
      NULL, OLD.id, 0);
    PERFORM api_note_deadlines(NULL, OLD.id, OLD.office_id, OLD.excluded_offices, 0);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM api_note_case(NEW.id);
    PERFORM api_note_deadlines(NULL, NEW.id, NEW.office_id, NEW.excluded_offices, 0);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION api_deadline_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  d complaints_deadline;
BEGIN
  FOR d IN SELECT OLD.* WHERE TG_OP <> 'INSERT' UNION SELECT NEW.* WHERE TG_OP <> 'DELETE' LOOP
    PERFORM api_note('deadline', d.id, d.public_id, c.office_id, c.excluded_offices, c.id, NULL, 0)
      FROM complaints_complaint c WHERE c.id = d.complaint_id AND api_open(c.lane);
    PERFORM api_note('deadline', d.id, d.public_id, c.office_id, c.excluded_offices, NULL, c.id, 0)
      FROM complaints_case c WHERE c.id = d.case_id;
  END LOOP;
  RETURN NULL;
END $$;

-- Whose own row changes nothing but what others show: names in records, reports in cases.
CREATE FUNCTION api_named_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM api_note_complaint(OLD.complaint_id); END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM api_note_complaint(NEW.complaint_id); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION api_joined_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM api_note_complaint(OLD.complaint_id);
    PERFORM api_note_case(OLD.case_id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM api_note_complaint(NEW.complaint_id);
    PERFORM api_note_case(NEW.case_id);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION api_allegation_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM api_note_case(OLD.case_id); END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM api_note_case(NEW.case_id); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION api_official_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api_note_complaint(l.complaint_id)
    FROM complaints_complaintofficial l WHERE l.official_id = NEW.id;
  PERFORM api_note_case(a.case_id) FROM complaints_allegation a WHERE a.official_id = NEW.id;
  RETURN NULL;
END $$;

-- Told to nobody but the person, who sees it no more, or sees it again.
CREATE FUNCTION api_recusal_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  r complaints_recusal;
BEGIN
  FOR r IN SELECT OLD.* WHERE TG_OP <> 'INSERT' UNION SELECT NEW.* WHERE TG_OP <> 'DELETE' LOOP
    PERFORM
      api_note('complaint', c.id, c.public_id, c.office_id, c.excluded_offices, c.id, NULL, r.user_id),
      api_note_deadlines(c.id, NULL, c.office_id, c.excluded_offices, r.user_id)
      FROM complaints_complaint c WHERE c.id = r.complaint_id AND api_open(c.lane);
    PERFORM
      api_note('case', c.id, c.public_id, c.office_id, c.excluded_offices, NULL, c.id, r.user_id),
      api_note_deadlines(NULL, c.id, c.office_id, c.excluded_offices, r.user_id)
      FROM complaints_case c WHERE c.id = r.case_id;
  END LOOP;
  RETURN NULL;
END $$;
"""

DROPPED = """
DROP FUNCTION api_recusal_changed(), api_official_changed(), api_allegation_changed(),
  api_joined_changed(), api_named_changed(), api_deadline_changed(), api_case_changed(),
  api_complaint_changed(), api_note_case(bigint), api_note_complaint(bigint),
  api_note_deadlines(bigint, bigint, bigint, bigint[], bigint),
  api_note(varchar, bigint, uuid, bigint, bigint[], bigint, bigint, bigint),
  api_both(bigint[], bigint[]), api_open(varchar);
"""

COMPLAINT = (
    "public_id reference lane status status_at office_id region_id contest_id title acts event_on"
    " event_precision received_on place platform due_at excluded_offices"
)
CASE = (
    "public_id register_number status status_at office_id contest_id title summary registered_on"
    " due_at decision excluded_offices"
)
DEADLINE = "public_id complaint_id case_id kind status time_limit_id time_zone starts_on due_on due_at ended_on"
OFFICIAL = "public_id name position unit unit_kind agency_id employment"
ALLEGATION = "public_id case_id official_id acts event_on place"

WATCHED = (
    ("complaint", "api_complaint_changed", COMPLAINT),
    ("case", "api_case_changed", CASE),
    ("deadline", "api_deadline_changed", DEADLINE),
    ("allegation", "api_allegation_changed", ALLEGATION),
    ("complaintofficial", "api_named_changed", "complaint_id official_id"),
    ("casecomplaint", "api_joined_changed", "complaint_id case_id"),
    ("recusal", "api_recusal_changed", "complaint_id case_id user_id"),
)
"""Table, function and the columns whose change counts (a record as the API gives it out)."""


def differs(columns: str) -> str:
    """Return the SQL that says whether an UPDATE changed one of the columns."""
    names = columns.split()
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    return f"(({old}) IS DISTINCT FROM ({new}))"


def forward(table: str, function: str, columns: str, *, prefix: str = "complaints") -> str:
    """Return the SQL of the triggers of one table. Lanes that the API never shows call no function."""
    name, when = f"{prefix}_{table}", {"INSERT": "", "DELETE": "", "UPDATE": f" {differs(columns)}"}
    if (prefix, table) == ("complaints", "complaint"):
        when = {
            "INSERT": " api_open(NEW.lane)",
            "DELETE": " api_open(OLD.lane)",
            "UPDATE": f" (api_open(OLD.lane) OR api_open(NEW.lane)) AND {differs(columns)}",
        }
    return "\n".join(
        f"CREATE TRIGGER {name}_{function}_{verb.lower()} AFTER {verb} ON {name} FOR EACH ROW"
        f"{f' WHEN ({condition})' if condition else ''} EXECUTE FUNCTION {function}();"
        for verb, condition in when.items()
    )


def backward(table: str, function: str, *, prefix: str = "complaints") -> str:
    """Return the SQL that takes them away."""
    name = f"{prefix}_{table}"
    return "\n".join(
        f"DROP TRIGGER {name}_{function}_{verb} ON {name};"
        for verb in ("insert", "delete", "update")
    )


OFFICIAL_UPDATED = (
    "CREATE TRIGGER complaints_official_api_official_changed_update AFTER UPDATE"
    f" ON complaints_official FOR EACH ROW WHEN {differs(OFFICIAL)}"
    " EXECUTE FUNCTION api_official_changed();"
)
"""Names are told by what they stand in: a row of the register alone is in no record."""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0032_record_changes")]

    operations = [
        migrations.RunSQL(FUNCTIONS, DROPPED),
        *[
            migrations.RunSQL(forward(table, function, columns), backward(table, function))
            for table, function, columns in WATCHED
        ],
        migrations.RunSQL(
            OFFICIAL_UPDATED,
            "DROP TRIGGER complaints_official_api_official_changed_update ON complaints_official;",
        ),
    ]
