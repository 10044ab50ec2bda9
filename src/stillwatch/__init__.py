"""Stillwatch: find, measure and answer adversarial distillation.

The rooms, in the order data flows: ``ingest`` (what happened?), ``sketch`` (what may we keep of it?), ``profile``
(how do they behave?), ``detect`` (who works together, for what?), ``cases`` (what do we conclude?). ``adapters``
hold the technologies, ``apps`` what you can start. ``docs/concepts.md`` has the words.
"""

__version__ = "0.1.0"
