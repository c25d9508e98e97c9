"""Transactional outbox: work promised inside a transaction is done exactly once, or parked.

``topics``     what can be promised: ``register(topic, handler)`` in an app's ``ready()``
``services``   ``publish`` inside a transaction; ``deliver``, ``sweep``, ``retry_parked``
``selectors``  ``parked_messages``, ``outbox_backlog``
``nudges``     the hint to Celery after a commit; losing one costs seconds, never the work

The row is the truth and the broker only a hint: a message survives a broker that is down, flushed
or doubled, and a worker killed at any line. ``docs/locking.md`` says what is locked when.
"""
