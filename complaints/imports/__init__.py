"""An office's old register as a file: what its columns mean and what its rows say.

Knows no framework and no database, like ``links/`` and ``matching/``. ``spreadsheet`` opens the file,
``columns`` guesses what each column is, ``values`` reads one row.
"""
