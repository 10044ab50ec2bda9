"""The agreement that a collection is bound to: shipped by name, or a file of the forum's own counsel."""


def agreement_text(name: str) -> str:
    return ""


def is_government(name: str) -> bool:
    return name == "government"
