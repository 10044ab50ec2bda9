"""What could be wrong about a case: said on the same page as the case, so that nobody need ask."""

from stillwatch.cases.joining import Case

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


def doubts(case: Case) -> tuple[str, ...]:
    """Sentences that name the innocent explanations this evidence does not rule out."""
    weights = {item.id: item.weight_bits for item in case.lead.evidence}
    found = [text for line, text in _BY_MISSING.items() if line not in weights]
    found += [text for line, text in _BY_PRESENT.items() if weights.get(line, 0.0) >= 1.0]
    if weights.get("elicitation", 0.0) < 1.0:
        found.append("The requests ask for ordinary work: an application that many customers run would look like this.")
    if "pays-apart" in weights:
        found.append("No payment ties these accounts together: strangers on one public template are not ruled out.")
    found += [note for finding in case.findings for note in finding.permits]
    if not {"shared-payment", "pays-apart"} & set(weights):
        found.append("What these accounts pay with is not known, or in part only, so it could not be compared.")
    return (*dict.fromkeys(found), _ALWAYS)
