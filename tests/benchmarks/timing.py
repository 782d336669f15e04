"""How long a piece of work takes in an environment, and with how many queries."""

import time


def make_timed(env, found):
    """A function ``timed(name, work)`` that does ``work`` on a clean cache.

    It returns what ``work`` returns, and puts the seconds under ``name`` into ``found``
    and the queries under ``name_queries``; both with all that is left to be written.
    """

    def timed(name, work):
        env.flush_all()
        env.invalidate_all()
        queries, started = env.cr.sql_log_count, time.perf_counter()
        result = work()
        env.flush_all()
        found[name] = time.perf_counter() - started
        found[f"{name}_queries"] = env.cr.sql_log_count - queries
        return result

    return timed
