def pre_init_hook(env):
    """Make the extension that the exclusion constraints on periods need."""
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
