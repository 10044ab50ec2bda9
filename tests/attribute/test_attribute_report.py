"""From files to a report: what is concluded, of whom it is not, and what a page may hold."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from attribution_world import CLASS, COLLECTOR, GATEWAY, campaign, dossier
from typer.testing import CliRunner

from stillwatch.adapters.reports.attribution import html, markdown
from stillwatch.apps.attribution import reading
from stillwatch.apps.cli.main import build
from stillwatch.attribute.attribution import Evidence, attribute
from stillwatch.attribute.grouping import range_of
from stillwatch.attribute.inputs import Identifier, Named
from stillwatch.attribute.shape import Attribution, Group
from stillwatch.attribute.words import percent
from stillwatch.errors import NoInputError, UsageError
from stillwatch.vocabulary.campaigns import Scan, Scanned, TechniqueShare
from stillwatch.vocabulary.peers import Sighting

NOW = "2026-07-01T00:00:00+00:00"
GATEWAY_ASKS: dict[str, Any] = {
    "capabilities": {"other": 0.6, "maths": 0.25, "code": 0.15},
    "techniques": (TechniqueShare(id="SW-T17", atlas=None, share=1.0),),
}


def group_of(*dossiers: Any, **given: Any) -> Group:
    found = attribute(Evidence(list(dossiers), **given))
    assert len(found.groups) == 1
    return found.groups[0]


def named(role: Any = "operator", **given: Any) -> Named:
    plain: dict[str, Any] = {
        "name": "Operator 7",
        "role": role,
        "entered_by": "an analyst",
        "entered_on": "2026-06-20",
        "basis": "an invoice",
        "identifiers": (Identifier("payment-fingerprint", "fp1"),),
    }
    return Named(**(plain | given))


def claim(group: Group, id_: str) -> Any:
    return next(one for one in group.claims if one.id == id_)


def test_no_campaign_gives_no_group_and_a_page_that_says_so() -> None:
    found = attribute(Evidence([]))
    assert found.groups == ()
    assert "No campaign to attribute" in html(found, generated_at=NOW)
    assert "nothing to attribute" in markdown(found, generated_at=NOW)


def test_a_campaign_without_any_evidence_is_not_determined() -> None:
    bare = campaign(lines={}, techniques=(), capabilities={})
    group = group_of(dossier(bare))
    assert not group.determined
    assert group.conclusion.startswith("Not determined")
    assert all(one.confidence in ("low", None) for one in group.claims)


def test_one_collector_is_concluded_from_a_campaign_that_shows_one() -> None:
    group = group_of(dossier(campaign(lines=COLLECTOR)))
    assert group.first == "one-collector"
    assert group.determined
    assert "consistent with" in group.conclusion


def test_what_a_gateway_does_by_design_concludes_nothing_however_likely_it_makes_collecting() -> None:
    tenants_of_one_week = {"signup-burst": 5.0, "established-accounts": 3.0, "shared-rare-fingerprint": 3.0}
    group = group_of(dossier(campaign(lines=GATEWAY | tenants_of_one_week, **GATEWAY_ASKS)))
    assert group.first == "one-collector"
    assert group.hypotheses[0].probability > 0.8
    assert not group.determined


def test_a_gateway_that_asks_for_reasoning_balances_and_pays_for_all_is_never_concluded_to_collect() -> None:
    group = group_of(dossier(campaign(lines=GATEWAY, **GATEWAY_ASKS)))
    assert not (group.determined and not group.hypotheses[0].innocent)


def test_a_group_that_the_member_knows_as_a_resellers_is_not_concluded_to_collect() -> None:
    trail = dossier(campaign(lines=COLLECTOR), payment_fingerprint={"fp1"})
    assert group_of(trail).determined
    group = group_of(trail, names=(named("reseller"),))
    assert not group.determined
    assert any("ask it about its tenants" in text for text in group.names[0].contrary)


def test_a_name_changes_no_probability() -> None:
    trail = dossier(campaign(), payment_fingerprint={"fp1"})
    without, with_it = group_of(trail), group_of(trail, names=(named(), named("beneficiary", name="Laboratory 3")))
    assert without.hypotheses == with_it.hypotheses
    assert [one.probability for one in without.claims] == [one.probability for one in with_it.claims]


def test_no_name_comes_out_that_did_not_go_in() -> None:
    trail = dossier(campaign(), payment_fingerprint={"fp1"})
    assert group_of(trail).names == ()
    assert group_of(trail, names=(named(identifiers=(Identifier("email", "other@example.org"),)),)).names == ()
    shown = group_of(trail, names=(named(),)).names
    assert [one.name for one in shown] == ["Operator 7"]
    assert shown[0].consistency.startswith("consistent with")
    assert "one side only" in shown[0].contrary[0]


def test_a_named_beneficiary_is_never_more_than_consistent_and_never_more_than_likely() -> None:
    group = group_of(dossier(campaign(), payment_fingerprint={"fp1"}), names=(named("beneficiary"),))
    beneficiary = claim(group, "beneficiary")
    assert beneficiary.probability < 0.8
    assert beneficiary.confidence == "low"
    assert "can't be seen in a request log" in group.names[0].consistency


def test_descent_has_no_number_and_claims_do_not_contradict_each_other() -> None:
    for lines in (COLLECTOR, GATEWAY, CLASS):
        group = group_of(dossier(campaign(lines=lines)))
        assert claim(group, "descent").probability is None
        assert claim(group, "operator").probability <= claim(group, "coordination").probability
        assert claim(group, "beneficiary").probability <= claim(group, "behaviour").probability


def test_a_shared_card_joins_two_campaigns_and_a_shared_template_does_not() -> None:
    one, other = campaign("Campaign 1"), campaign("Campaign 2")
    joined = attribute(Evidence([dossier(one, payment_fingerprint={"a"}), dossier(other, payment_fingerprint={"a"})]))
    apart = attribute(Evidence([dossier(one, template={"a"}), dossier(other, template={"a"})]))
    assert [len(group.campaigns) for group in joined.groups] == [2]
    assert [len(group.campaigns) for group in apart.groups] == [1, 1]
    assert apart.links_between[0].probabilities["common-tool"] > 0.2


def test_sightings_count_only_for_the_campaign_that_holds_the_identifier() -> None:
    sightings = (Sighting(type="payment-fingerprint", value="fp1", members="3-5"),)
    mine = group_of(dossier(campaign(), payment_fingerprint={"fp1"}), sightings=sightings, asked=True)
    other = group_of(dossier(campaign(), payment_fingerprint={"fp2"}), sightings=sightings, asked=True)
    assert mine.seen_elsewhere[0].values == 1
    assert other.seen_elsewhere == ()
    assert {fact.seen for fact in mine.facts if fact.question == "seen-elsewhere"} == {"payment or sign-up identifiers"}
    assert not [
        fact
        for fact in group_of(dossier(campaign(), payment_fingerprint={"fp1"})).facts
        if fact.question == "seen-elsewhere"
    ]


def test_the_values_of_identifiers_do_not_reach_the_report() -> None:
    secret = "fp-of-a-customer"
    found = attribute(
        Evidence(
            [
                dossier(campaign("A"), payment_fingerprint={secret}),
                dossier(campaign("B"), payment_fingerprint={secret}),
            ],
            sightings=(Sighting(type="payment-fingerprint", value=secret, members="2"),),
            asked=True,
        )
    )
    for text in (html(found, generated_at=NOW), markdown(found, generated_at=NOW), msgspec.json.encode(found).decode()):
        assert secret not in text


def test_the_page_loads_nothing_and_escapes_what_others_wrote() -> None:
    nasty = "<script>alert(1)</script>\u202e"
    found = attribute(
        Evidence(
            [dossier(campaign(nasty), source=nasty, payment_fingerprint={"fp1"})],
            names=(named(name=nasty, basis=nasty, entered_by=nasty),),
        )
    )
    page, text = html(found, generated_at=NOW), markdown(found, generated_at=NOW)
    assert "<script" not in page
    assert "<script" not in text
    assert "\u202e" not in page + text
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)
    assert "default-src 'none'" in page


def test_no_report_says_nought_or_all_of_what_no_word_of_the_directive_reaches() -> None:
    found = attribute(Evidence([dossier(campaign())]))
    ends = (0.004, *(one.probability for one in found.groups[0].hypotheses[1:]))
    hypotheses = tuple(
        msgspec.structs.replace(one, probability=end) for one, end in zip(found.groups[0].hypotheses, ends, strict=True)
    )
    group = msgspec.structs.replace(found.groups[0], hypotheses=hypotheses)
    text = markdown(msgspec.structs.replace(found, groups=(group,)), generated_at=NOW)
    assert f"| {hypotheses[0].short} | &lt;1% |" in text
    assert "| 0% |" not in text
    assert [percent(share) for share in (0.0, 0.0099, 0.01, 0.5, 0.99, 0.991, 1.0)] == [
        "<1%", "<1%", "1%", "50%", "99%", ">99%", ">99%",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (0.0035, {"text": "almost no chance", "low": 1, "high": 5, "beyond": "below"}),
        (0.01, {"text": "almost no chance", "low": 1, "high": 5, "beyond": None}),
        (0.5, {"text": "roughly even chance", "low": 45, "high": 55, "beyond": None}),
        (0.99, {"text": "almost certain", "low": 95, "high": 99, "beyond": None}),
        (0.997, {"text": "almost certain", "low": 95, "high": 99, "beyond": "above"}),
    ],
)
def test_the_file_says_where_a_probability_lies_beyond_its_word(probability: float, told: dict[str, object]) -> None:
    assert msgspec.to_builtins(range_of(probability)) == told


def test_the_words_of_a_page_never_claim_percentages_that_the_probability_is_beyond() -> None:
    assert [range_of(share).percentages for share in (0.0035, 0.03, 0.997)] == ["below 1 %", "1 to 5 %", "above 99 %"]


def test_the_page_says_what_it_may_not_say() -> None:
    page = html(attribute(Evidence([dossier(campaign())])), generated_at=NOW)
    for words in ("not an accusation", "who benefits" if "who benefits" in page else "which party benefits", "ICD 203"):
        assert words in page
    assert "guilty" not in page


def scan_file(folder: Path, *campaigns: Any, name: str = "campaigns.json") -> Path:
    scanned = Scanned(
        exchanges=10, accounts=2, quarantined=0, first="2026-06-01T00:00:00Z", last="2026-06-29T00:00:00Z", seconds=1.0
    )
    body = msgspec.to_builtins(Scan(scanned=scanned, campaigns=tuple(campaigns)))
    body["a key of a later version"] = {"and": ["what", "it", "holds"]}
    for one in body["campaigns"]:
        one["another key"] = 1
    path = folder / name
    path.write_text(json.dumps(body))
    return path


def run(*arguments: str) -> Any:
    return CliRunner().invoke(build(("attribute",)), ["attribute", *arguments], catch_exceptions=True)


def test_the_command_reads_a_scan_with_unknown_keys_and_writes_three_files(tmp_path: Path) -> None:
    scan_file(tmp_path, campaign())
    watched = {"type": "payment-fingerprint", "value": "fp1", "campaign": campaign().id, "level": "act", "accounts": 2}
    watched |= {"exchanges": 9, "first_seen": "2026-06-03T00:00:00Z", "last_seen": "2026-06-09T00:00:00Z"}
    other = watched | {"type": "a-type-of-a-later-version", "value": "x"}
    (tmp_path / "watchlist.jsonl").write_text(f"{json.dumps(watched)}\n\n{json.dumps(other)}\n")
    sightings = tmp_path / "sightings.json"
    sighting = {"type": "payment-fingerprint", "value": "fp1", "members": "2", "accounts": "10-19", "exchanges": "x",
                "first_seen": "2026-06-04", "last_seen": "2026-06-09", "expires_at": "2999-01-01T00:00:00Z",
                "provenance": {"forum": "f", "epoch": "e", "label": "l"}}  # fmt: skip
    old = sighting | {"expires_at": "2020-01-01T00:00:00Z"}
    sightings.write_text(json.dumps({"forum": "f", "epoch": "e", "asked": 2, "sightings": [sighting, old]}))
    out = tmp_path / "out"
    done = run(str(tmp_path), "--sightings", str(sightings), "--out", str(out))
    assert done.exit_code == 0, done.output
    found = msgspec.json.decode((out / "attribution.json").read_bytes(), type=Attribution)
    assert found.groups[0].seen_elsewhere[0].members == ("2",)
    assert any("1 sightings have expired" in note for note in found.notes)
    assert {path.name for path in out.iterdir()} == {"attribution.json", "attribution.html", "attribution.md"}


def test_a_scan_without_campaigns_is_no_error(tmp_path: Path) -> None:
    done = run(str(scan_file(tmp_path)), "--out", str(tmp_path / "out"))
    assert done.exit_code == 0
    assert "nothing to attribute" in done.output


def test_a_campaign_of_two_scans_counts_once_and_context_is_left_out(tmp_path: Path) -> None:
    first = scan_file(tmp_path, campaign(), name="one.json")
    later = campaign(last_exchange_at="2026-06-20T00:00:00Z")
    second = scan_file(tmp_path, later, campaign("Campaign 9", level="watch"), name="two.json")
    read = reading.scans([first, second], [], reading.names(None), "review")
    assert [one.campaign.last_exchange_at for one in read.dossiers] == ["2026-06-20T00:00:00Z"]
    assert any("counts once" in note for note in read.notes)


def test_a_language_can_not_be_entered_as_an_identifier(tmp_path: Path) -> None:
    for type_ in ("language", "nationality", "time-zone"):
        body = {"names": [msgspec.to_builtins(named(identifiers=(Identifier(type_, "x"),)))]}
        path = tmp_path / "names.json"
        path.write_text(json.dumps(body))
        with pytest.raises(UsageError, match="no evidence"):
            reading.names(path)


def test_a_name_without_a_basis_is_refused(tmp_path: Path) -> None:
    body = msgspec.to_builtins(named())
    del body["basis"]
    path = tmp_path / "names.json"
    path.write_text(json.dumps({"names": [body]}))
    with pytest.raises(NoInputError, match="basis"):
        reading.names(path)


def test_a_prior_is_taken_and_a_wrong_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "prior.json"
    path.write_text(json.dumps({"reseller": 3, "one-collector": 1}))
    assert reading.prior(path)["reseller"] == 3.0
    for wrong in ({"a-nation": 1}, {"reseller": -1}, {"reseller": 0}):
        path.write_text(json.dumps(wrong))
        with pytest.raises(UsageError):
            reading.prior(path)


def test_damaged_files_are_named_with_their_place(tmp_path: Path) -> None:
    watchlist = tmp_path / "w.jsonl"
    watchlist.write_text('\n{"type": \n')
    with pytest.raises(NoInputError, match="line 2"):
        reading.scans([scan_file(tmp_path, campaign())], [watchlist], reading.names(None), "review")
    with pytest.raises(NoInputError, match="can't be read"):
        reading.scans([tmp_path / "nothing.json"], [], reading.names(None), "review")


def test_what_is_no_time_is_named_with_its_file(tmp_path: Path) -> None:
    scan = scan_file(tmp_path, campaign(first_exchange_at="whenever"))
    with pytest.raises(UsageError, match=r"campaigns\.json: whenever"):
        reading.scans([scan], [], reading.names(None), "review")
    sightings = tmp_path / "sightings.json"
    ends = {"type": "ipv4", "value": "192.0.2.1", "members": "2", "expires_at": "soon"}
    sightings.write_text(json.dumps({"sightings": [ends]}))
    with pytest.raises(UsageError, match=r"sightings\.json: soon"):
        reading.sightings(sightings)
