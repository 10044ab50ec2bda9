"""What the spellers share: the way in which one says no."""


class Unspelt(ValueError):
    """This value has no safe spelling. Never leaves this folder: ``canonical`` turns it into ``Unfit``."""
