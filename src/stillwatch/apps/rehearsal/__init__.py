"""``stillwatch rehearse``: plants known campaigns, runs the real scan, and says what it found and whom it wronged."""
