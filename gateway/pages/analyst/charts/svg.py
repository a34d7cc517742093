"""SVG as text: every word and number that is put in is escaped, and nothing else is written."""

import re
from xml.etree import ElementTree

from markupsafe import Markup

UNSAID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold."""

Node = ElementTree.Element


def node(tag: str, *inside: "Node | None", text: str = "", **attributes: object) -> Node:
    """Return an element; an underscore in a name stands for a dash, one at the end for nothing."""
    made = ElementTree.Element(tag)
    for name, value in attributes.items():
        made.set(name.rstrip("_").replace("_", "-"), _written(value))
    made.text = said(text) or None
    made.extend(one for one in inside if one is not None)
    return made


def picture(
    name: str, title: str, words: str, width: float, height: float, *inside: Node
) -> Markup:
    """Return a picture that tells what it shows to whoever does not see it."""
    told = {"aria_labelledby": f"{name}-title {name}-words", "role": "img", "class_": "chart"}
    whole = node(
        "svg",
        node("title", id=f"{name}-title", text=title),
        node("desc", id=f"{name}-words", text=words),
        *inside,
        viewBox=f"0 0 {_written(width)} {_written(height)}",
        **told,
    )
    # ElementTree escaped whatever came from outside; the markup is ours.
    return Markup(ElementTree.tostring(whole, encoding="unicode"))  # noqa: S704


def said(text: str) -> str:
    """Return a text without what no XML may hold."""
    return UNSAID.sub("", text)


def _written(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else said(str(value))
