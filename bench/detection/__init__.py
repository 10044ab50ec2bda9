"""Compares Stillwatch with what people would use instead, on the same events: ``python -m bench.detection``.

Every peer reads the same file of events and hands back a suspicion for each account; thresholds are chosen on the
tuning half of the material and measured on the other. ``docs/detection.md`` says what is compared, and how.
"""
