"""The terms that a member puts on what it shares: to what end, until when, on what legal ground.

They stand in the release record of our extension. The guard adds the agreement and the clauses, and refuses what has no
expiry. The catalogue (markings, techniques, names) carries no terms: it is nobody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from stillwatch.share.stix.extension import EXTENSION_ID, LegalBasis
from stillwatch.share.stix.say import timestamp

_CATALOGUE = frozenset({"marking-definition", "extension-definition", "attack-pattern", "identity"})


@dataclass(frozen=True)
class Terms:
    """``expires_at`` is when receivers must delete; ``legal_basis`` is what counsel dated, if the agreement asks."""

    purpose: str
    expires_at: datetime
    legal_basis: LegalBasis | None = None


def with_terms(item: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    """``item`` with these terms in its release record; signatures and clauses of an older version go."""
    if item["type"] in _CATALOGUE:
        return dict(item)
    record: dict[str, Any] = {"purpose": terms.purpose, "expires_at": timestamp(terms.expires_at)}
    if terms.legal_basis is not None:
        record["legal_basis"] = msgspec.to_builtins(terms.legal_basis)
    extensions = item.get("extensions", {})
    ours = {"extension_type": "property-extension", **extensions.get(EXTENSION_ID, {}), "release": record}
    return {**item, "extensions": {**extensions, EXTENSION_ID: ours}}
