"""The nouns that two rooms or more speak: frozen, without I/O. ``docs/concepts.md`` lists them in flow order."""
