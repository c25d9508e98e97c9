"""Every periodic job in one table: name, task, how often, why. Nothing is scheduled elsewhere."""

from typing import Any, NamedTuple


class PeriodicJob(NamedTuple):
    """One row of the schedule; ``every`` in seconds, ``queue`` where not every worker may take it."""

    name: str
    task: str
    every: float
    why: str
    queue: str = "celery"


BEAT_SCHEDULE: tuple[PeriodicJob, ...] = (
    PeriodicJob(
        "sweep-outbox",
        "bawaslu_cases.shared.tasks.sweep_outbox_task",
        5.0,
        "Promised work must go out even when the hint after the commit was lost.",
    ),
    PeriodicJob(
        "sign-audit-checkpoint",
        "bawaslu_cases.audit.tasks.checkpoint_task",
        600.0,
        "What stands after the last signed checkpoint could be cut off without a trace.",
    ),
    PeriodicJob(
        "reckon-deadlines",
        "complaints.tasks.reckon_deadlines_task",
        60.0,
        "A holiday added today moves the open deadlines that count it, and says why.",
    ),
    PeriodicJob(
        "reckon-referral-deadlines",
        "referrals.tasks.reckon_deadlines_task",
        60.0,
        "The same for the clocks of recipients and PPKs.",
    ),
    PeriodicJob(
        "escalate",
        "referrals.tasks.escalate_task",
        900.0,
        "A PPK that does not answer is reminded, and those above it are told, on the day it is due.",
    ),
    PeriodicJob(
        "route-waiting",
        "complaints.tasks.route_waiting_task",
        1800.0,
        "Whoever is to have a record gets it by the table; not at once, so no event tells its hour.",
    ),
    PeriodicJob(
        "deal-to-verifiers",
        "complaints.tasks.deal_records_task",
        900.0,
        "Who verifies a reporter is whose turn it is, not who wants to know; no row tells its hour.",
    ),
    PeriodicJob(
        "count-reports-of-yesterday",
        "complaints.tasks.promise_daily_count_task",
        3600.0,
        "The audit log holds of reporters only how many a day brought; one promise a day.",
    ),
    PeriodicJob(
        "expire-reporter-sessions",
        "complaints.tasks.expire_sessions_task",
        300.0,
        "A draft that its reporter left must not lie around, sealed or not.",
    ),
    PeriodicJob(
        "purge-saved-drafts",
        "complaints.tasks.purge_saved_drafts_task",
        1800.0,
        "A draft put aside is kept three days; its reporter was told so.",
    ),
    PeriodicJob(
        "purge-visit-codes",
        "complaints.tasks.purge_visit_codes_task",
        3600.0,
        "A code that is over tells the day on which its reporter drew it.",
    ),
    PeriodicJob(
        "expire-uploads",
        "complaints.tasks.expire_uploads_task",
        1800.0,
        "A file whose reporter left must not lie around, sealed or not.",
    ),
    PeriodicJob(
        "expire-copy-orders",
        "complaints.tasks.expire_copy_orders_task",
        300.0,
        "A marked copy that its officer did not fetch must not lie around, sealed or not.",
    ),
    PeriodicJob(
        "expire-exports",
        "referrals.tasks.expire_exports_task",
        300.0,
        "A case file that its officer did not fetch must not lie around, sealed or not.",
    ),
    PeriodicJob(
        "expire-imports",
        "complaints.tasks.expire_imports_task",
        3600.0,
        "An office's old register that nobody finished importing must not lie around, sealed or not.",
    ),
    PeriodicJob(
        "log-manifests",
        "complaints.tasks.log_manifests_task",
        3600.0,
        "What a file was when it came is proven by the audit log; a day later, so no hour shows.",
    ),
    PeriodicJob(
        "seal-waiting-keys",
        "complaints.tasks.seal_waiting_keys_task",
        300.0,
        "A file that came while no desk had a key must not stay readable by the server for longer.",
    ),
    PeriodicJob(
        "lapse-repairs",
        "complaints.tasks.lapse_repairs_task",
        300.0,
        "A report that nobody completes in time goes back to the desk by itself.",
    ),
    PeriodicJob(
        "remind",
        "complaints.tasks.remind_task",
        300.0,
        "At eight in the morning of each zone whoever has a deadline hears of it; one notice a day.",
    ),
    PeriodicJob(
        "reroute-ended-bodies",
        "referrals.tasks.reroute_ended_task",
        3600.0,
        "What lies with a recipient that has ended goes to its successor, as a proposal.",
    ),
    PeriodicJob(
        "lapse-windows",
        "complaints.tasks.lapse_windows_task",
        900.0,
        "Days in which somebody else might have acted end by themselves; nobody is late by it.",
    ),
    PeriodicJob(
        "move-parked-wraps",
        "complaints.tasks.move_parked_wraps_task",
        60.0,
        "What a keyring that was down could not take must not stay outside it.",
    ),
    PeriodicJob(
        "sweep-wraps",
        "complaints.tasks.sweep_wraps_task",
        21600.0,
        "Wraps of a report that was never stored open nothing; named first, gone a week later.",
    ),
    PeriodicJob(
        "prune-changes",
        "complaints.tasks.prune_changes_task",
        21600.0,
        "Of what the API's change feed is read from, a month is kept and of each record the last row.",
    ),
    PeriodicJob(
        "expire-unseal-requests",
        "complaints.tasks.expire_requests_task",
        60.0,
        "A share that was released and not fetched in time must not lie around.",
    ),
    PeriodicJob(
        "sweep-evidence",
        "complaints.tasks.sweep_evidence_task",
        3600.0,
        "Files of rows that never came and evidence past its term go; a file that is missing is told.",
    ),
    PeriodicJob(
        "watch-storage",
        "complaints.tasks.watch_storage_task",
        240.0,
        "Reports go on when the disk is full, so nobody would notice that files do not.",
    ),
    PeriodicJob(
        "watch-cleaner",
        "complaints.tasks.watch_cleaner_task",
        240.0,
        "Without a sandbox files wait, and only the evidence worker can tell.",
        queue="evidence",
    ),
    PeriodicJob(
        "watch-keyring",
        "complaints.tasks.watch_keyring_task",
        240.0,
        "Reports go on when the keyring is down, so nobody would notice that no name can be opened.",
    ),
    PeriodicJob(
        "watch-signer",
        "complaints.tasks.watch_signer_task",
        240.0,
        "Nobody reads signatures before there is doubt, so nobody would notice that none is made.",
    ),
    PeriodicJob(
        "watch-desks",
        "complaints.tasks.watch_desks_task",
        240.0,
        "An identity that nobody may open any more waits for ever unless somebody above is told.",
    ),
    PeriodicJob(
        "suspend-dormant",
        "bawaslu_cases.accounts.tasks.suspend_dormant_task",
        3600.0,
        "An account that nobody uses is a door that nobody watches; told first, shut at night.",
    ),
    PeriodicJob(
        "sweep-api",
        "bawaslu_cases.accounts.tasks.sweep_api_task",
        3600.0,
        "Tokens that ended and answers nobody will ask for again must not lie around.",
    ),
    PeriodicJob(
        "collect-webhooks",
        "referrals.tasks.collect_webhooks_task",
        30.0,
        "Offices are told that something changed, so that they need not ask all day.",
    ),
    PeriodicJob(
        "refresh-figures",
        "referrals.tasks.refresh_figures_task",
        900.0,
        "The public page reads kept numbers, so a slow count never makes a reader wait.",
    ),
)


def beat_entries() -> dict[str, dict[str, Any]]:
    """Return the table as Celery's ``beat_schedule``.

    A tick expires when the next one is due, so an outage leaves no heap of them behind.
    """
    return {
        job.name: {
            "task": job.task,
            "schedule": job.every,
            "options": {"expires": job.every, "queue": job.queue},
        }
        for job in BEAT_SCHEDULE
    }
