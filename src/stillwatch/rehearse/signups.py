"""What a provider knows of an account besides its requests. Part of it is always missing."""

import msgspec
import numpy as np

from stillwatch.rehearse.networks import Place, person

DAY_US = 86_400_000_000
FREE_MAIL: tuple[str, ...] = ("mail.example", "post.example", "inbox.example", "quick.example", "letters.example")
USES: tuple[str, ...] = (
    "customer support", "personal", "software development", "research", "education", "content writing", "translation",
    "data analysis", "internal tools", "chat application", "other",
)  # fmt: skip


class Signup(msgspec.Struct, kw_only=True, omit_defaults=False):
    """One line of the accounts file (DESIGN section 4) without its name. ``created_us``: microseconds since 1970."""

    created_us: int | None
    plan: str | None
    programme: str | None = None
    payment: str | None = None
    email_domain: str | None = None
    signup_ip: str | None = None
    declared_use: str | None = None
    verified: bool | None = None
    listed: bool = True  # false: the accounts file has no line for it


def created(rng: np.random.Generator, start_us: int) -> int:
    """A sign-up moment over the year before ``start_us``: growth makes recent ones commoner."""
    return start_us - int(365 * DAY_US * rng.beta(1.0, 1.4)) - int(rng.integers(DAY_US // 8))


def opaque(rng: np.random.Generator, prefix: str) -> str:
    return f"{prefix}_{int(rng.integers(1 << 48)):012x}"


def own_domain(rng: np.random.Generator) -> str:
    return f"{int(rng.integers(1 << 32)):08x}.example"


def signup(rng: np.random.Generator, start_us: int, place: Place, *, business: bool) -> Signup:
    """An ordinary account: signed up from where it works or from elsewhere, pays with its own card, or not at all."""
    plan = str(
        rng.choice(
            ("free", "pay-as-you-go", "team", "enterprise"),
            p=(0.04, 0.6, 0.26, 0.1) if business else (0.35, 0.55, 0.09, 0.01),
        )
    )
    domain = (
        own_domain(rng)
        if rng.random() < (0.75 if business else 0.18)
        else str(rng.choice(FREE_MAIL, p=(0.45, 0.25, 0.15, 0.1, 0.05)))
    )
    near = place if rng.random() < 0.6 else person(rng)
    programme = None
    if rng.random() < 0.09:
        programme = str(rng.choice(("education", "research", "startup", "trial"), p=(0.3, 0.15, 0.25, 0.3)))
    record = Signup(
        created_us=created(rng, start_us),
        plan=plan,
        programme=programme,
        payment=None if plan == "free" else opaque(rng, "fp"),
        email_domain=domain,
        signup_ip=near.addresses[0],
        declared_use=str(rng.choice(USES)) if rng.random() < 0.6 else None,
        verified=bool(rng.random() < (0.6 if business else 0.25)),
    )
    return thinned(rng, record)


def thinned(rng: np.random.Generator, record: Signup) -> Signup:
    """The same with what this provider did not keep: one account in eight has no line at all, some fields are blank."""
    record.listed = bool(rng.random() >= 0.12)
    for field in ("created_us", "plan", "payment", "email_domain", "signup_ip", "verified"):
        if rng.random() < 0.05:
            setattr(record, field, None)
    return record
