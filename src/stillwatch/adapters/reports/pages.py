"""The templates of all pages: everything escaped, a name that is not given an error."""

from functools import cache

import jinja2

from stillwatch.adapters.reports import wording

_FILTERS = ("bits", "percent", "minute", "day", "period", "lasted", "title", "counted", "compact", "p_value")


def page(name: str) -> jinja2.Template:
    """The template in this package's folder."""
    return _templates().get_template(name)


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("stillwatch.adapters.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in _FILTERS:
        environment.filters[name] = getattr(wording, name)
    return environment
