"""Whatever is done to a valid file, it is read or refused in words; `make fuzz` tries more."""

from pathlib import Path

import fuzz


def test_a_valid_file_changed_at_random_is_read_or_refused_soon(tmp_path: Path) -> None:
    for _, seconds in fuzz.run(300, 1, tmp_path / "file"):
        assert seconds < fuzz.SECONDS
