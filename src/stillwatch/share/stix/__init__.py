"""STIX 2.1: what we say in it, and whether what others say in it is well-formed."""

from stillwatch.share.stix.validate import problems

__all__ = ["problems"]
