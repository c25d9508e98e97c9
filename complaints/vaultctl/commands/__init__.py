"""The commands of ``vaultctl``, grouped by the table they are given at."""
