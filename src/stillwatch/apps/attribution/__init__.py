"""``stillwatch attribute``: reads scans, watch-lists, sightings and a member's names, and runs ``attribute``."""
