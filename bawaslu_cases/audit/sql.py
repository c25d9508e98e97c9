"""The log's table and functions in SQL: what the migration creates and ``audit_verify`` expects.

The functions run as their owner (SECURITY DEFINER), a role nobody can sign in as. Web and worker may
call them and touch nothing else. A change of a body here needs a new migration that creates it anew;
until that has run, ``audit_verify`` reports the difference.
"""

from typing import Final

OWNER: Final = "bc_audit_owner"
TABLE: Final = "audit_event"
LOCK: Final = 7461001
"""The advisory lock that puts appends in one row: seq has no gap and prev no rival."""

ROOT_TEXT: Final = "bawaslu-audit/v1"
"""What the first entry's ``prev`` is the SHA-256 of."""

CREATE_TABLE: Final = f"""
CREATE TABLE {TABLE} (
  seq bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  purpose text NOT NULL,
  detail text NOT NULL,
  prev bytea NOT NULL,
  hash bytea NOT NULL UNIQUE
);
CREATE INDEX {TABLE}_actor ON {TABLE} (actor, seq DESC);
CREATE INDEX {TABLE}_subject ON {TABLE} (subject, seq DESC);
"""

NETSTRING_BODY: Final = """
  SELECT octet_length(convert_to(word, 'UTF8'))::text || ':' || word || ','
"""

CANONICAL_BODY: Final = """
  SELECT convert_to(
    public.audit_netstring(p_seq::text)
    || public.audit_netstring(to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'))
    || public.audit_netstring(p_actor)
    || public.audit_netstring(p_action)
    || public.audit_netstring(p_subject)
    || public.audit_netstring(p_purpose)
    || public.audit_netstring(p_detail), 'UTF8')
"""

APPEND_BODY: Final = f"""
DECLARE
  s bigint;
  p bytea;
  t timestamptz;
BEGIN
  IF octet_length(p_actor) > 120 OR octet_length(p_action) > 120 OR octet_length(p_subject) > 400
     OR octet_length(p_purpose) > 1000 OR octet_length(p_detail) > 8000
     OR concat(p_actor, p_action, p_subject, p_purpose, p_detail)
        ~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]'
     OR p_actor = '' OR p_action = '' OR p_detail::jsonb IS NULL THEN
    RAISE EXCEPTION 'audit: malformed entry' USING ERRCODE = 'check_violation';
  END IF;
  PERFORM pg_advisory_xact_lock({LOCK});
  SELECT seq, hash INTO s, p FROM public.{TABLE} ORDER BY seq DESC LIMIT 1;
  s := coalesce(s, 0) + 1;
  p := coalesce(p, sha256('{ROOT_TEXT}'::bytea));
  t := date_trunc('minute', clock_timestamp());
  INSERT INTO public.{TABLE} VALUES (s, t, p_actor, p_action, p_subject, p_purpose, p_detail, p,
    sha256(p || public.audit_canonical(s, t, p_actor, p_action, p_subject, p_purpose, p_detail)));
  RETURN s;
END
"""

READ_BODY: Final = f"""
BEGIN
  PERFORM public.audit_append(p_reader, 'audit.read', p_why, '', p_detail);
  RETURN QUERY SELECT * FROM public.{TABLE} e
    WHERE (p_before IS NULL OR e.seq < p_before)
      AND (p_actor = '' OR e.actor = p_actor)
      AND (p_subjects IS NULL OR e.subject = ANY(p_subjects))
      AND (p_action = '' OR starts_with(e.action, p_action))
    ORDER BY e.seq DESC LIMIT least(p_limit, 500);
END
"""

LEAVES_BODY: Final = f"""
  SELECT e.seq, e.prev, e.hash,
    e.hash = sha256(e.prev || public.audit_canonical(
      e.seq, e.at, e.actor, e.action, e.subject, e.purpose, e.detail))
  FROM public.{TABLE} e WHERE e.seq > p_after ORDER BY e.seq LIMIT least(p_limit, 10000)
"""

REFUSE_BODY: Final = """
BEGIN
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
"""

DEFINER: Final = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

LEAF: Final = "TABLE (seq bigint, prev bytea, hash bytea, intact boolean)"

FUNCTIONS: Final[dict[str, tuple[str, str, str]]] = {
    "audit_netstring(word text)": (
        "text LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp",
        NETSTRING_BODY,
        "",
    ),
    "audit_canonical(p_seq bigint, p_at timestamptz, p_actor text, p_action text, "
    "p_subject text, p_purpose text, p_detail text)": (
        "bytea LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp",
        CANONICAL_BODY,
        "",
    ),
    "audit_append(p_actor text, p_action text, p_subject text, p_purpose text, p_detail text)": (
        # Appends wait for each other, never for ever: a page would rather be refused.
        f"bigint LANGUAGE plpgsql STRICT {DEFINER} SET lock_timeout = '3s'",
        APPEND_BODY,
        "web worker",
    ),
    "audit_read(p_reader text, p_why text, p_detail text, p_before bigint, p_limit int, "
    "p_actor text, p_subjects text[], p_action text)": (
        f"SETOF {TABLE} LANGUAGE plpgsql {DEFINER}",
        READ_BODY,
        "web",
    ),
    "audit_leaves(p_after bigint, p_limit int)": (
        f"{LEAF} LANGUAGE sql STABLE STRICT {DEFINER}",
        LEAVES_BODY,
        "worker",
    ),
    "audit_refuse()": ("trigger LANGUAGE plpgsql", REFUSE_BODY, ""),
}
"""Signature → what it returns and how it runs, body, and which roles may call it."""

TRIGGERS: Final = {
    "audit_event_frozen": "BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW",
    "audit_event_kept": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
}

OWN: Final = f"""
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{OWNER}') THEN
    CREATE ROLE {OWNER} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;  -- another database of the cluster was faster
END $$;
GRANT USAGE, CREATE ON SCHEMA public TO {OWNER};
"""
"""Create the role that owns the log; nobody can sign in as it."""


def plain(signature: str) -> str:
    """Return a signature with the types alone, as GRANT and ALTER want it."""
    name, _, rest = signature.partition("(")
    words = [part.strip().partition(" ")[2] for part in rest.rstrip(")").split(",") if part]
    return f"{name}({', '.join(words)})"


def create_functions() -> str:
    """Return the statements that create every function, closed to everybody."""
    return "\n".join(
        f"CREATE OR REPLACE FUNCTION {signature} RETURNS {how} AS $body${body}$body$;\n"
        f"REVOKE ALL ON FUNCTION {plain(signature)} FROM PUBLIC;"
        for signature, (how, body, _roles) in FUNCTIONS.items()
    )


def create_triggers() -> str:
    """Return the statements that freeze the rows, for replication sessions too."""
    return "\n".join(
        f"CREATE TRIGGER {name} {when.format(table=TABLE)} EXECUTE FUNCTION audit_refuse();\n"
        f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {name};"
        for name, when in TRIGGERS.items()
    )


def hand_over() -> str:
    """Return the statements that give table and functions to their owner."""
    functions = "\n".join(f"ALTER FUNCTION {plain(name)} OWNER TO {OWNER};" for name in FUNCTIONS)
    return (
        f"ALTER TABLE {TABLE} OWNER TO {OWNER};\n{functions}\n"
        f"REVOKE CREATE ON SCHEMA public FROM {OWNER};"
    )


def rights(role: str) -> dict[str, str]:
    """Return what ``grant_roles`` gives to "web" or "worker"."""
    return {
        f"FUNCTION {plain(signature)}": "EXECUTE"
        for signature, (_how, _body, roles) in FUNCTIONS.items()
        if role in roles.split()
    }
