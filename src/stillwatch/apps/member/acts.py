"""Acts of sharing, each made into a parcel for one group: a campaign, a sighting, a dispute, a retraction …

Whatever is said again under an id is a new version of it: ``created`` stays, ``modified`` grows (STIX 2.1 section 3.6).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from stillwatch.apps.member.campaigns import source_of
from stillwatch.apps.member.outbox import Kind, Outbox, Parcel
from stillwatch.apps.member.settings import Settings
from stillwatch.apps.member.sharing import agreement_of
from stillwatch.errors import UsageError
from stillwatch.guard.canonical import canonical
from stillwatch.share.life import advisory as notices
from stillwatch.share.life import replies, revise, terms
from stillwatch.share.life.advisory import Notice
from stillwatch.share.life.replies import Doubt
from stillwatch.share.stix.campaigns import from_campaigns
from stillwatch.share.stix.extension import LegalBasis
from stillwatch.share.stix.say import Opinion, Voice, timestamp
from stillwatch.vocabulary.campaigns import Campaign

Item = dict[str, Any]


@dataclass(frozen=True)
class Acts:
    """Makes parcels for one group at one moment."""

    settings: Settings
    outbox: Outbox
    group: str
    now: datetime
    #: What beyond a breach of terms was seen; ``None``: as the settings have it.
    element: str | None = None

    def campaign(self, campaign: Campaign) -> Parcel:
        items = from_campaigns([campaign], self._voice, self._kept_for)
        return self._parcel("campaign", campaign.name, items, source_of(campaign))

    def sighting(self, of: str, first: datetime, last: datetime) -> Parcel:
        try:
            item = replies.sighting(self._voice, of, first, last)
        except ValueError as error:
            raise UsageError(f"{of}: {error}") from error
        return self._parcel("sighting", of, [item])

    def dispute(self, of: str, opinion: Opinion, doubt: Doubt | None) -> Parcel:
        return self._parcel("dispute", of, [replies.dispute(self._voice, of, opinion, doubt)])

    def advisory(self, kind: Notice, title: str, text: str, url: str | None, author: str) -> Parcel:
        made = self._parcel("advisory", title, [notices.advisory(self._voice, kind, title, text, url)])
        return msgspec.structs.replace(made, author=author)

    def retraction(self, of: str) -> Parcel:
        """Raises ``UsageError`` for what we never shared, or took back before."""
        return self._revised("retraction", of, None)

    def correction(self, of: str, changes: Mapping[str, Any]) -> Parcel:
        """Raises ``UsageError`` for what we never shared, and for what can't be changed."""
        return self._revised("correction", of, changes)

    @property
    def _voice(self) -> Voice:
        group = self.settings.group(self.group)
        return Voice(self.settings.name, self.now, group.tlp, group.pap)

    @property
    def _kept_for(self) -> timedelta:
        """As the settings say, and never longer than the agreement allows (a government's is a month)."""
        days = self.settings.group(self.group).expires_days
        clause = agreement_of(self.settings, self.group).conditions.get("expiry")
        return timedelta(days=days if clause is None else min(days, clause.max_days))

    @property
    def _ground(self) -> LegalBasis | None:
        """The legal ground that counsel dated in the agreement, with the element that we saw."""
        clause = agreement_of(self.settings, self.group).conditions.get("legal-basis")
        element = self.element or self.settings.group(self.group).element
        if clause is None or element is None:
            return None
        return LegalBasis(name=clause.name, dated=clause.dated, element=element)

    def _revised(self, kind: Kind, of: str, changes: Mapping[str, Any] | None) -> Parcel:
        item = self.outbox.latest(of, self.group)
        if item is None:
            raise UsageError(f"{of} was never shared with {self.group} from here: only its maker can change it")
        try:
            new = revise.retracted(item, self.now) if changes is None else revise.corrected(item, changes, self.now)
        except ValueError as error:
            raise UsageError(f"{of}: {error}") from error
        return self._parcel(kind, of, [new])

    def _parcel(self, kind: Kind, about: str, items: list[Item], source: str = "") -> Parcel:
        group = self.settings.group(self.group)
        agreed = terms.Terms(group.purpose or self.settings.purpose, self.now + self._kept_for, self._ground)
        said = [terms.with_terms(self._following(item), agreed) for item in items]
        return Parcel(
            group=self.group,
            kind=kind,
            queued_at=timestamp(self.now),
            about=about,
            items=tuple(said),
            source=source and hashlib.sha256(canonical([self.group, source])).hexdigest(),
        )

    def _following(self, item: Item) -> Item:
        """``item`` as the version after the one that we shared before, if there is one."""
        before = self.outbox.latest(item["id"], self.group)
        return item if before is None else revise.following(before, item)
