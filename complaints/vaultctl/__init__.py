"""``vaultctl``: everything done with the private keys of officers, groups, the root and recovery.

Works without Django, without a database and without a network, on files that the server exports and
imports. No server process imports it; an import contract holds that.
"""
