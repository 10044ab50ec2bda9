"""A banned template: is it in this request? The same passages as the sketch, so a campaign's own numbers can be used.

The sketch keeps about 32 passages of a text, from windows that grow with it; here every text is read with the
narrowest window. The smallest hash of a window is the smallest of every narrower window around it, so whatever the
sketch kept of a template is found in any request that holds the passage, however long the payload.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from stillwatch.decide.inline.rules import FEWEST, Template
from stillwatch.sketch import fingerprints
from stillwatch.sketch.assemble import PROMPT_PASSAGES
from stillwatch.sketch.fold import Folded, fold
from stillwatch.sketch.keying import SketchKey

#: So many passages wanted that the window stays at its narrowest.
_ALL = 1 << 40
#: Passages of one request that are looked up.
MOST_PASSAGES = 16_384


def fingerprints_of(text: str, key: SketchKey) -> tuple[str, ...]:
    """The sealed passages of a template's text, as a rules file names them: for a template known from elsewhere."""
    public = fingerprints.passages(fold(pa.array([text], pa.string())), most=PROMPT_PASSAGES).values
    return tuple(f"{value:016x}" for value in key.seal(public, "text").view(np.uint64).tolist())


class Templates:
    """The banned templates of a rules file, opened with the provider's key. Public hashes stay in memory only."""

    def __init__(self, templates: Sequence[Template], key: SketchKey) -> None:
        self._templates = tuple(templates)
        owners: dict[int, list[int]] = {}
        for number, template in enumerate(templates):
            sealed = np.array([int(value, 16) for value in dict.fromkeys(template.fingerprints)], dtype=np.uint64)
            for value in key.unseal(sealed.view(np.int64), "text").tolist():
                owners.setdefault(value, []).append(number)
        self._needed = [max(FEWEST, round(t.share * len(set(t.fingerprints)))) for t in templates]
        self._owners = owners
        self._values = np.array(sorted(owners), dtype=np.uint64)

    def __bool__(self) -> bool:
        return bool(self._templates)

    def found(self, texts: Folded, now_us: int) -> Template | None:
        """The first template, in the order of the file, that stands in these texts and has not ended."""
        if not self._templates:
            return None
        shown = np.unique(fingerprints.passages(texts, most=_ALL).values[:MOST_PASSAGES])
        places = np.searchsorted(self._values, shown)
        places[places == len(self._values)] = 0
        counts = [0] * len(self._templates)
        for value in shown[self._values[places] == shown].tolist():
            for owner in self._owners[value]:
                counts[owner] += 1
        for template, count, needed in zip(self._templates, counts, self._needed, strict=True):
            if count >= needed and now_us < template.until_us:
                return template
        return None

    def even_when_studied(self, name: str) -> bool:
        """Whether the template of that name counts in a text that speaks about prompts."""
        return any(template.name == name and template.even_when_studied for template in self._templates)
