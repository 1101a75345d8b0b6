"""The README's pictures are those that the script takes, and small enough to load on the way."""

import re
from pathlib import Path

from docs.pictures import take

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_shows_each_picture_with_words_for_who_does_not_see_it() -> None:
    shown = re.findall(
        r'<img src="docs/pictures/([\w-]+)\.webp"[^>]* alt="([^"]+)"', README.read_text()
    )
    assert sorted(name for name, _alt in shown) == sorted(one.name for one in take.PICTURES)
    assert all(len(alt) > 30 for _name, alt in shown)


def test_each_picture_is_there_in_its_size() -> None:
    for picture in take.PICTURES:
        head = (take.FOLDER / f"{picture.name}.webp").read_bytes()[:30]
        points = [int(side * picture.times) for side in picture.size]
        # RFC 9649, section 2.7: an extended WebP begins with its size, each side less one.
        assert (head[:4], head[8:16]) == (b"RIFF", b"WEBPVP8X")
        sides = [int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27)]
        assert sides == points


def test_together_they_are_small_and_nothing_else_lies_there() -> None:
    files = list(take.FOLDER.glob("*.webp"))
    assert {file.stem for file in files} == {one.name for one in take.PICTURES}
    assert sum(file.stat().st_size for file in files) <= take.MOST_BYTES
