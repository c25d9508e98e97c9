"""``bawaslu-sync``: an office's complaints, findings and evidence over a line that comes and goes.

What waits to be sent and what was read lie in one sealed file (docs/sync.md, ADR 0047). Knows neither
Django nor the product.
"""
