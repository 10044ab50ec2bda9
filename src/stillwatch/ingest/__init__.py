"""WHAT HAPPENED? Logs of several formats become columns; what can't be read is quarantined with place and reason."""

from stillwatch.ingest.blocks import Batch, Block
from stillwatch.ingest.clock import backwards_between
from stillwatch.ingest.formats import FORMATS
from stillwatch.ingest.reader import read
from stillwatch.ingest.recognise import recognise, recognise_block
from stillwatch.ingest.settings import IngestSettings, read_settings
from stillwatch.ingest.tables import accounts, permits

__all__ = [
    "FORMATS",
    "Batch",
    "Block",
    "IngestSettings",
    "accounts",
    "backwards_between",
    "permits",
    "read",
    "read_settings",
    "recognise",
    "recognise_block",
]
