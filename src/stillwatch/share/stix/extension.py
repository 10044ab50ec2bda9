"""The one extension of ours, for what STIX lacks: evidence lines, exposure, the five claims and the release record."""

from stillwatch.share.stix.ids import object_id

#: Part of the wire format: never changes.
EXTENSION_ID = object_id("extension-definition", "stillwatch")
