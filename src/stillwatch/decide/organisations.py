"""An organisation is decided as one: its accounts of one campaign are looked at together and get one course, one case.

Account by account, an operator with a hundred keys would lose them one at a time, and a firm with one stolen key would
be treated as the thief. So the question is asked of the organisation: how many of its accounts belong, as a share of
all that it has? Accounts of which nobody knows the organisation stand alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stillwatch.vocabulary.campaigns import Campaign, Membership


@dataclass(frozen=True)
class Accounts:
    """What is known of who belongs to whom: account -> organisation, and organisation -> its accounts."""

    organizations: Mapping[str, str]
    of: Mapping[str, tuple[str, ...]]

    @classmethod
    def known(cls, pairs: Iterable[tuple[str, str | None]]) -> "Accounts":
        """From (account, organisation) pairs."""
        organizations = {account: organization for account, organization in pairs if organization is not None}
        of: dict[str, list[str]] = {}
        for account, organization in organizations.items():
            of.setdefault(organization, []).append(account)
        return cls(organizations, {name: tuple(sorted(accounts)) for name, accounts in of.items()})


@dataclass(frozen=True)
class Subject:
    """Whoever is decided as one in a campaign: an organisation with its members there, or an account that stands alone.

    ``share`` is the expected number of members divided by all accounts of the organisation; an account that stands
    alone has a share of 1: there is nobody else.
    """

    organization: str | None
    members: tuple[Membership, ...]
    all_accounts: tuple[str, ...]
    share: float

    @property
    def name(self) -> str:
        if self.organization is not None:
            return f"organisation {self.organization}"
        return f"account {self.all_accounts[0]}"

    @property
    def membership(self) -> float:
        """Of the surest account."""
        return max(one.membership for one in self.members)


def subjects(campaign: Campaign, accounts: Accounts) -> list[Subject]:
    """Everyone who is to be decided about in a campaign, in the order of their names."""
    grouped: dict[str, list[Membership]] = {}
    alone: list[Subject] = []
    for member in campaign.accounts:
        organization = accounts.organizations.get(member.account)
        if organization is None:
            alone.append(Subject(None, (member,), (member.account,), 1.0))
        else:
            grouped.setdefault(organization, []).append(member)
    together = [
        Subject(
            organization,
            tuple(members),
            accounts.of[organization],
            sum(one.membership for one in members) / len(accounts.of[organization]),
        )
        for organization, members in grouped.items()
    ]
    return sorted((*together, *alone), key=lambda subject: subject.name)
