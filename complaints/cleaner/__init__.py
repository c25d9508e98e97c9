"""Makes a safe copy of a file that nobody should open as it is (protection.md C).

Runs as ``python -m complaints.cleaner`` inside the sandbox of ``complaints/gateways/sandbox.py``, one
process per file. It knows no Django, no database, no key and no name; it reads one descriptor and writes
others. What it says back is read with suspicion: a decoder may have been taken over by the file.
"""
