"""What could be wrong about a case: said on the same page as the case, so that nobody need ask."""

from stillwatch.cases.joining import Case
from stillwatch.detect.calibrate import ALONE_DAYS, OWN_DAYS, OWN_GROUPS, Own
from stillwatch.detect.weigh import may_be_a_gateway

_ALWAYS = (
    "These accounts share an operator's habits; that says nothing about who the operator is or what the "
    "answers were for."
)
_BY_MISSING = {
    "signup-burst": "When these accounts were made is not in the log: a fleet of old customers is not ruled out.",
    "round-the-clock": "The log is too short to tell a job from people at work.",
}
_BY_PRESENT = {
    "even-volumes": "A class with one exercise sheet has even volumes too.",
    "synchronous-onset": "A newly popular tool or a viral prompt makes strangers begin together.",
    "shared-network": "An office, a school or an agency calls from one network.",
    "elicitation": "An evaluation harness or a prompt optimiser asks for reasoning and grades as well.",
}


def compared(own: Own | None) -> str:
    """What was compared with what to say how rare groups are, and what that leaves open."""
    weeks = "composed ordinary weeks"
    if own is None:
        return (
            f"How rare these groups are was read off {weeks}, for want of earlier scans (--state): a kind of customer "
            "that those weeks lack may look rarer than it is."
        )
    past = f"{len(own.scores):,} quiet groups of earlier scans over {own.days} days"
    if not own.heard:
        return (
            f"How rare these groups are was read off {weeks}: history has {past}, and {OWN_GROUPS} over {OWN_DAYS} "
            "days are needed. A kind of customer that those weeks lack may look rarer than it is."
        )
    if not own.alone:
        return (
            f"How rare these groups are was read off {past} and off {weeks}, whichever says less: in less than "
            f"{ALONE_DAYS} days it is not seen how one week here differs from another."
        )
    return (
        f"How rare these groups are was read off {past}, and off {weeks} only beyond the heaviest of them: customers "
        "who are new here may look rarer than they are; a campaign that earlier scans missed makes others look more "
        "ordinary than they are."
    )


def doubts(case: Case, compared: str = "") -> tuple[str, ...]:
    """Sentences that name the innocent explanations this evidence does not rule out, ``compared`` among them."""
    weights = {item.id: item.weight_bits for item in case.lead.evidence}
    found = [text for line, text in _BY_MISSING.items() if line not in weights]
    found += [text for line, text in _BY_PRESENT.items() if weights.get(line, 0.0) >= 1.0]
    if weights.get("elicitation", 0.0) < 1.0:
        found.append("The requests ask for ordinary work: an application that many customers run would look like this.")
    if "pays-apart" in weights:
        found.append("No payment ties these accounts together: strangers on one public template are not ruled out.")
    if may_be_a_gateway(case.lead.evidence):
        found.append("One payer: a gateway or reseller whose tenants have accounts of their own would look like this.")
    pieces = case.lead.group.pieces
    if pieces:
        found.append(
            f"{pieces} templates, each shown by some of these accounts, interlock as wording does that is made out of "
            "one kit. They were put together because each weighs something, so no p-value is given and the group is "
            "never more than for review: strangers who write from one public collection of prompts would look like it."
        )
    found += [note for finding in case.findings for note in finding.permits]
    if not {"shared-payment", "pays-apart"} & set(weights):
        found.append("What these accounts pay with is not known, or in part only, so it could not be compared.")
    if compared:
        found.append(compared)
    return (*dict.fromkeys(found), _ALWAYS)
