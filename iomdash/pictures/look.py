"""The look of pages, charts and print: colours for a light and a dark ground, type and space.

The only place where a colour is written. Charts are drawn in the light ones; in the browser the
style replaces each by its pair, so one picture serves both. `.streamlit/config.toml` repeats what
Streamlit must know itself, and a test holds the two together.
"""

from dataclasses import dataclass

# The least contrast of words and of what carries a figure. Source: WCAG 2.2, 1.4.3 and 1.4.11.
LEAST_OF_WORDS, LEAST_OF_MARKS = 4.5, 3.0


@dataclass(frozen=True)
class Colour:
    """One use of colour: on a light ground, and on a dark one."""

    light: str
    dark: str


# Series: Government Analysis Function; the dark ones are ours, brighter for the same order.
COLOURS: dict[str, Colour] = {
    "ink": Colour("#0b0c0c", "#f1f3f5"),
    "quiet": Colour("#3d3d3d", "#c6cdd4"),
    "ground": Colour("#ffffff", "#14181d"),
    "raised": Colour("#f3f5f7", "#20262d"),
    "grid": Colour("#e3e6e9", "#2c343c"),
    "rest": Colour("#b9c2cb", "#4a545f"),
    "frame": Colour("#6b747d", "#949ea8"),
    "first": Colour("#12436D", "#7fb2e5"),
    "second": Colour("#28A197", "#4cc7bb"),
    "third": Colour("#F46A25", "#ff9a63"),
    "fourth": Colour("#801650", "#e58fb8"),
    # One off white and black, as the style tells colours of a chart apart by their codes.
    "on-first": Colour("#fffffe", "#0b0c0d"),
    "band": Colour("#102a43", "#0d2136"),
    "on-band": Colour("#fefefe", "#f1f3f4"),
    "notice": Colour("#fff1e0", "#3b2c17"),
}
WORDS = ("ink", "quiet", "first")
MARKS = ("first", "second", "third", "fourth", "frame")

# Sizes of type and space in rem, the root's size.
SIZES = {"small": 0.9, "body": 1.0, "lead": 1.15, "h3": 1.1, "h2": 1.4, "h1": 2.0, "figure": 2.2}
SPACES = {"1": 0.25, "2": 0.5, "3": 0.9, "4": 1.6}


def light(name: str) -> str:
    """A colour as charts are drawn in it."""
    return COLOURS[name].light


def contrast(one: str, other: str) -> float:
    """How far two colours stand apart, from 1 to 21. Source: WCAG 2.2, contrast ratio."""
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def blend(colour: str, ground: str, share: float) -> str:
    """What a colour looks like on a ground through which `share` of it is seen."""
    pairs = [(int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)
