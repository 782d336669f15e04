"""Making 10,000 notices in one batch, beside a plain SQL insert of the same rows."""

import time

TITLE = "Notices"
COUNT = 10_000


def run(env):
    """Measure the making of one batch, its events, and one sending of 1,000."""
    partners = _create_partners(env)
    vals_list = [
        {
            "partner_id": partner.id,
            "subject": "Planned outage on Tuesday",
            "body": f"Dear customer {number}, there is no power from 8 to 12.",
            "dedup_key": f"bench/{number}",
            "res_model": "res.partner",
            "res_id": partner.id,
        }
        for number, partner in enumerate(partners)
    ]
    env.flush_all()
    env.invalidate_all()
    queries = env.cr.sql_log_count
    started = time.perf_counter()
    notices = env["power.notice"]._notify("general", vals_list)
    env.flush_all()
    seconds = time.perf_counter() - started
    queries = env.cr.sql_log_count - queries
    yield "notices made with their events", COUNT / seconds, "/s", "want 2,000"
    yield "queries for the batch", queries, "", ""

    started = time.perf_counter()
    _insert_plainly(env, notices)
    plain = time.perf_counter() - started
    yield "plain SQL insert of the same rows", COUNT / plain, "/s", ""
    yield "times plain SQL", seconds / plain, "x", ""

    started = time.perf_counter()
    again = env["power.notice"]._notify("general", vals_list)
    yield (
        "the same batch again",
        time.perf_counter() - started,
        "s",
        f"{len(again)} made",
    )

    started = time.perf_counter()
    notices._record("sent")
    env.flush_all()
    seconds = time.perf_counter() - started
    yield "receipts recorded and projected", COUNT / seconds, "/s", ""


def _create_partners(env):
    env.cr.execute(
        """
        INSERT INTO res_partner (name, complete_name, phone, type, active, lang,
                                 is_power_customer)
        SELECT 'Customer ' || n, 'Customer ' || n, '1380000' || lpad(n::text, 4, '0'),
               'contact', TRUE, 'en_US', TRUE
          FROM generate_series(0, %s) AS n
        RETURNING id
        """,
        [COUNT - 1],
    )
    return env["res.partner"].browse(row[0] for row in env.cr.fetchall())


def _insert_plainly(env, notices):
    """The same rows once more, by one statement each for notices and events."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_name = 'power_notice' AND column_name NOT IN ('id', 'dedup_key')"
    )
    columns = ", ".join(f'"{row[0]}"' for row in env.cr.fetchall())
    env.cr.execute(
        f"INSERT INTO power_notice (dedup_key, {columns}) "
        f"SELECT 'again/' || dedup_key, {columns} FROM power_notice WHERE id = ANY(%s) "
        "RETURNING id",
        [notices.ids],
    )
    ids = [row[0] for row in env.cr.fetchall()]
    env.cr.execute(
        "INSERT INTO power_notice_event (notice_id, attempt, kind, at, recorded_at) "
        "SELECT unnest(%s), 1, 'queued', now(), now()",
        [ids],
    )
