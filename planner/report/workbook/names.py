"""Names that a spreadsheet accepts: of cells and ranges."""

from __future__ import annotations

import re

LONGEST = 255
_STRANGE = re.compile(r"[^A-Za-z0-9_]+")


class Names:
    """Makes defined names, each once; a spreadsheet does not tell capitals from small letters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, *words: str) -> str:
        """Return a valid name of `words`, numbered where it is taken.

        >>> names = Names()
        >>> names.new("price", "server-8xh200/usd"), names.new("price", "server 8xh200/USD"), names.new("é")
        ('price_server_8xh200_usd', 'price_server_8xh200_USD_2', 'name_')
        """
        name = _STRANGE.sub("_", "_".join(words))[: LONGEST - 8]
        if "_" not in name or not name[0].isalpha():  # A1, R1C1 and TRUE are no names
            name = f"name_{name.strip('_')}"
        chosen, number = name, 1
        while chosen.lower() in self._taken:
            number += 1
            chosen = f"{name}_{number}"
        self._taken.add(chosen.lower())
        return chosen
