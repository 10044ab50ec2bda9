"""Inputs: files, folders, patterns and standard input, as blocks of whole lines (or of rows of Parquet)."""

from stillwatch.adapters.sources.blocks import BLOCK_BYTES, MAX_LINE_BYTES, blocks
from stillwatch.adapters.sources.expand import Source, expand, total_size

__all__ = ["BLOCK_BYTES", "MAX_LINE_BYTES", "Source", "blocks", "expand", "total_size"]
