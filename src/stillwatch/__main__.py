"""``python -m stillwatch``: the same as the ``stillwatch`` command."""

from stillwatch.apps.cli.main import main

if __name__ == "__main__":
    main()
