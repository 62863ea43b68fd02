"""What a message quotes from a file or a command line takes no effect on the terminal."""

from __future__ import annotations

import pytest

from planner.errors import Complaint, InputError, Place
from tests.hostile.texts import CONTROLS, UNSEEN, shown, unseen


@pytest.mark.parametrize("text", [*UNSEEN, *CONTROLS, "two\nlines\rof it"])
def test_a_message_shows_what_would_not_be_seen(text: str) -> None:
    said = str(InputError([Complaint(Place(text, 1, 2), text, text, text, text, text)]))
    assert said.splitlines()[1:] and len(said.splitlines()) == 4
    assert not any(unseen(one) for one in said.replace("\n", ""))
    assert said.count(shown(text.replace("\r", "\n"))) == 6
