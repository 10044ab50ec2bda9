"""Names that a member entered, held against the evidence. A name goes in and comes out; it is never found here."""

from collections.abc import Sequence

from stillwatch.attribute.grouping import Dossier
from stillwatch.attribute.hypotheses import BY_ID
from stillwatch.attribute.inputs import SIDE_OF, Named
from stillwatch.attribute.shape import NameShown


def shown(names: Sequence[Named], group: Sequence[Dossier], first: str) -> tuple[NameShown, ...]:
    """Every name that has to do with the group: by its identifiers, or because the member says so."""
    ids = {dossier.campaign.id for dossier in group}
    held = {(type_, value) for one in group for type_, values in one.values.items() for value in values}
    comparable = {type_ for type_, _ in held}
    found = []
    for name in names:
        common = sorted({item.type for item in name.identifiers if (item.type, item.value) in held})
        said = bool(ids & set(name.campaigns))
        if common or said:
            compared = sorted({item.type for item in name.identifiers} & comparable)
            found.append(_shown(name, common, compared, first))
    return tuple(found)


def vouched_for(names: Sequence[Named], group: Sequence[Dossier]) -> bool:
    """Whether the member knows the group's identifiers as those of a reseller or customer: then nothing is concluded
    against it before it was asked."""
    held = {(type_, value) for one in group for type_, values in one.values.items() for value in values}
    known = (name for name in names if name.role in ("reseller", "customer"))
    return any((item.type, item.value) in held for name in known for item in name.identifiers)


def _shown(name: Named, common: Sequence[str], compared: Sequence[str], first: str) -> NameShown:
    sides = sorted({SIDE_OF.get(type_, type_) for type_ in common})
    contrary = []
    if common:
        consistency = f"consistent with the member's entry: {', '.join(sides)} in common"
    elif compared:
        consistency = "not supported: what could be compared has nothing in common"
        contrary.append(f"no {' or '.join(compared)} in common with {name.name}")
    else:
        consistency = "the member's statement alone: nothing here could be compared"
    if len(sides) == 1:
        contrary.append(f"one side only ({sides[0]}) is in common; others may use the same")
    if name.role in ("operator", "beneficiary") and not BY_ID[first].collects:
        contrary.append(f"the evidence fits better with another explanation: {BY_ID[first].says}")
    if name.role in ("reseller", "customer") and BY_ID[first].collects:
        contrary.append(f"{name.name} may be a way in that others use: ask it about its tenants")
    if name.role == "beneficiary":
        consistency += "; who receives the answers can't be seen in a request log"
    return NameShown(
        name=name.name,
        role=name.role,
        entered_by=name.entered_by,
        entered_on=name.entered_on,
        basis=name.basis,
        consistency=consistency,
        in_common=tuple(common),
        contrary=tuple(contrary),
    )
