"""The government's agreement has a purpose and a span of its own; a group's settings come to terms with both."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from test_member_share import campaign

from stillwatch.apps.member.acts import Acts
from stillwatch.apps.member.outbox import Outbox
from stillwatch.apps.member.settings import Group, Settings
from stillwatch.apps.member.sharing import awaits_a_person, prepare

PURPOSE = "protect-critical-technology"
NOW = datetime.now(UTC).replace(microsecond=0)


def group(**changes: object) -> Group:
    chosen = {"recipient": "government", "tlp": "amber", "pap": "amber", "element": "fraud", "purpose": PURPOSE}
    return msgspec.convert({"collection": "c", "agreement": "government", **chosen, **changes}, Group)


def refusals(place: Group, tmp_path: Path, accounts: int = 400) -> list[str]:
    """What the guard still says to a campaign for the agency, approvals aside."""
    settings = Settings(
        name="Ada", forum="https://f.example/", credential="c", signing_key="k", groups={"agency": place}
    )
    parcel = Acts(settings, Outbox(tmp_path), "agency", NOW).campaign(campaign(1, accounts))
    said = prepare(settings, parcel, Ed25519PrivateKey.generate(), NOW).refusals
    return [reason for one in said if not awaits_a_person(one) for reason in one.reasons]


def test_a_group_s_ninety_days_become_the_thirty_that_the_agreement_allows(tmp_path: Path) -> None:
    said = refusals(group(), tmp_path)
    assert not [reason for reason in said if "days" in reason or "valid_until" in reason], said


def test_the_purpose_of_the_group_goes_before_that_of_the_settings(tmp_path: Path) -> None:
    assert not [reason for reason in refusals(group(), tmp_path) if "purpose" in reason]
    assert [reason for reason in refusals(group(purpose=None), tmp_path) if "purpose" in reason]
