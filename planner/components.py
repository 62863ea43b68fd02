"""How a ledger names what was negotiated on a cost component: a difference, beside the component at list price."""

NEGOTIATED = "negotiated_"


def listed(component: str) -> str:
    """Return the component that a line is of, whether at list price or negotiated.

    >>> listed("servers"), listed("negotiated_servers")
    ('servers', 'servers')
    """
    return component.removeprefix(NEGOTIATED)
