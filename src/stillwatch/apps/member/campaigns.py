"""The campaign that a person named, out of the ``campaigns.json`` of a scan."""

import hashlib
from pathlib import Path

import msgspec

from stillwatch.errors import NoInputError, UsageError
from stillwatch.guard.canonical import canonical
from stillwatch.vocabulary.campaigns import Campaign, Scan


def named(path: Path, wanted: str) -> Campaign:
    """The campaign whose id, name ("Campaign 1") or rank is ``wanted``. Raises ``UsageError`` or ``NoInputError``."""
    try:
        scan = msgspec.json.decode(path.read_bytes(), type=Scan)
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise UsageError(
            f"{path} can't be read: {reason}; `stillwatch scan` writes it, --campaigns names it"
        ) from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path} is no campaigns.json: {error}") from error
    for campaign in scan.campaigns:
        if wanted in (campaign.id, campaign.name, str(campaign.rank)):
            return campaign
    known = ", ".join(campaign.name for campaign in scan.campaigns)
    raise NoInputError(f"{path} has no campaign {wanted}; it has: {known or 'none'}")


def source_of(campaign: Campaign) -> str:
    """A digest of all that the scan said of it: the same campaign, unchanged, is not shared twice."""
    return hashlib.sha256(canonical(msgspec.to_builtins(campaign))).hexdigest()
