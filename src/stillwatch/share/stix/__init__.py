"""STIX 2.1: what we say in it, and whether what others say in it is well-formed."""

from stillwatch.share.stix.campaigns import bundle, from_campaigns
from stillwatch.share.stix.extension import EXTENSION_ID
from stillwatch.share.stix.say import Voice
from stillwatch.share.stix.validate import problems

__all__ = ["EXTENSION_ID", "Voice", "bundle", "from_campaigns", "problems"]
