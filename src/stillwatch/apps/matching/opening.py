"""The member's side of an audit: open the rows that were drawn, without showing an identifier."""

from collections.abc import Iterable

from stillwatch.apps.matching.keeping import Folder, meaning
from stillwatch.errors import NoInputError
from stillwatch.match.audit import Opening, opening
from stillwatch.match.identifiers import Identifier


def openings(folder: Folder, labels: Iterable[bytes]) -> dict[bytes, Opening]:
    """What opens the rows under these labels. Raises ``NoInputError`` where none of them is ours."""
    wanted = set(labels)
    messages = folder.messages()
    found = {}
    for session in folder.every_session():
        if not wanted & set(session.labels):
            continue
        records = folder.records(session)
        for item, label, record in zip(session.items, session.labels, records, strict=True):
            if label in wanted:
                identifier = Identifier(session.kind, meaning(item.value, messages).split(b"/", 3)[3])
                found[label] = opening(folder.evidence, identifier, record)
    if not found:
        raise NoInputError(f"none of the rows was uploaded from {folder.path}")
    return found
