"""Two campaigns as a scan concludes them, with account names and quoted figures that must not get out."""

from stillwatch.vocabulary.campaigns import (
    Campaign,
    EvidenceShown,
    Exposure,
    Membership,
    TechniqueShare,
)

ACCOUNTS = tuple(f"acct_private{place:02}" for place in range(23))
QUOTED = ("Of 1289 prompts", "20 accounts repeat", "1289", "253 common passages", "0 % of the payload")


def _evidence(own: str, family: str, bits: float, text: str) -> EvidenceShown:
    return EvidenceShown(
        id=own, family=family, axis=family, observed=text, ordinary="0 % of the payload", weight_bits=bits, text=text
    )


CAMPAIGN = Campaign(
    id="campaign--47e91d0d-9f11-5557-9ca8-a31b4719576d",
    name="Campaign 1",
    rank=1,
    weight_bits=31.0,
    p_value=1.4847090941553127e-6,
    level="act",
    accounts=tuple(Membership(account=one, membership=0.98) for one in ACCOUNTS),
    exchanges=1361,
    first_exchange_at="2026-07-07T05:15:28.253Z",
    last_exchange_at="2026-07-12T10:06:11.984Z",
    noticed_at="2026-07-07T16:01:27.461Z",
    noticed_after_exchanges=91,
    techniques=(
        TechniqueShare(id="SW-T16", atlas="AML.T0024.002", share=0.93),
        TechniqueShare(id="SW-T09", atlas=None, share=0.6),
        TechniqueShare(id="SW-T22", atlas="AML.T0024.002", share=0.02),
    ),
    capabilities={"maths": 0.9, "code": 0.1},
    exposure=(
        Exposure(
            capability="maths", low=1104, mid=1187, high=1287, unit="distinct reasoning traces",
            nearest_public_scale="s1 (1,000)",
        ),
        Exposure(
            capability="code", low=171, mid=174, high=176, unit="distinct plain answers",
            nearest_public_scale="LIMO (817)",
        ),
    ),
    evidence=(
        _evidence("elicitation", "elicitation", 9.4, "97 % of the requests"),
        _evidence("payload-partition", "coordination", 7.0, "Of 1289 prompts that carry the template, 0 % twice."),
        _evidence("shared-rare-fingerprint", "structure", 12.2, "20 accounts repeat 253 common passages"),
        _evidence("one-organisation", "explanation", -1.4, "two share one"),
    ),
    could_be_wrong=("an agent framework that strangers share",),
)  # fmt: skip

OTHER = Campaign(
    id="campaign--42379675-7985-5d52-a3a7-24149c7350b5",
    name="Campaign 2",
    rank=2,
    weight_bits=4.0,
    p_value=None,
    level="watch",
    accounts=(Membership(account="acct_other", membership=0.5),),
    exchanges=12,
    first_exchange_at="2026-07-08T05:15:28.253Z",
    last_exchange_at="2026-07-08T05:15:28.253Z",
    noticed_at=None,
    noticed_after_exchanges=None,
    techniques=(),
    capabilities={},
    exposure=(),
    evidence=(),
    could_be_wrong=(),
)
