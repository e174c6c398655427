"""One HTML page that asks nothing of anybody: text escaped, pictures and playing motions inside it."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mate_hf.plotting.player import digest_of as digest
from mate_hf.plotting.player import digests_of_player
from mate_hf.utils.masked import masked
from mate_hf.utils.visible import visible

STYLE = """
:root{color-scheme:light dark;--ink:#1c1c1c;--paper:#fff;--quiet:#5a5a5a;--line:#d5d5d5}
@media(prefers-color-scheme:dark){:root{--ink:#ececec;--paper:#161616;--quiet:#b0b0b0;--line:#444}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.15rem;margin-top:2.2rem}
p,figcaption,small{overflow-wrap:anywhere}
.quiet,figcaption{color:var(--quiet);font-size:.9rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line)}
td{overflow-wrap:anywhere;min-width:6rem}
code{font-size:.85em;overflow-wrap:anywhere}
figure{margin:1rem 0}
.wide img{min-width:48rem}
img{display:block;width:100%;height:auto;background:#fff;border-radius:4px}
iframe{display:block;width:100%;height:46rem;border:1px solid var(--line);border-radius:4px}
"""

MEDIA = {".svg": "image/svg+xml", ".png": "image/png"}


def text(value: object) -> str:
    """Anything as text of a page: nothing in it is markup, and nothing is obeyed."""
    return html.escape(visible(masked(str(value))))


def paragraph(line: str, quiet: bool = False) -> str:
    """A paragraph."""
    return f'<p class="quiet">{text(line)}</p>' if quiet else f"<p>{text(line)}</p>"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table, which scrolls by itself where the screen is narrow."""
    head = "".join(f"<th>{text(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def folded(summary: str, inside: str) -> str:
    """What is shown when it is asked for."""
    return f"<details><summary>{text(summary)}</summary>{inside}</details>"


def picture(file: Path, caption: str) -> str:
    """A picture inside the page, which scrolls by itself where the screen is too narrow to read it."""
    packed = base64.b64encode(file.read_bytes()).decode("ascii")
    source = f"data:{MEDIA[file.suffix]};base64,{packed}"
    return (
        f'<figure><div class="wide" tabindex="0"><img src="{source}" alt="{text(caption)}"></div>'
        f"<figcaption>{text(caption)}</figcaption></figure>"
    )


def frame(page: str, caption: str) -> str:
    """A page within the page, which may run its script and reach nothing else."""
    inside = html.escape(page)
    return (
        f'<figure><iframe sandbox="allow-scripts" title="{text(caption)}" srcdoc="{inside}"></iframe>'
        f"<figcaption>{text(caption)}</figcaption></figure>"
    )


@dataclass
class Page:
    """Sections in their order, and what had to be left out."""

    title: str
    sections: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add(self, heading: str, *parts: str) -> None:
        """A section."""
        self.sections.append(f"<section><h2>{text(heading)}</h2>{''.join(parts)}</section>")

    def render(self) -> str:
        """The whole page."""
        style, script = digests_of_player()
        # A frame of srcdoc obeys this policy as well as its own.
        policy = (
            f"default-src 'none'; img-src data:; style-src '{digest(STYLE)}' '{style}'; script-src '{script}'; "
            "base-uri 'none'; form-action 'none'"
        )
        left_out = "".join(f"<li>{text(line)}</li>" for line in self.missing)
        tail = f"<section><h2>Left out</h2><ul>{left_out}</ul></section>" if self.missing else ""
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<title>{text(self.title)}</title>\n<link rel="icon" href="data:,">\n<style>{STYLE}</style>\n</head>\n<body>\n'
            f"<h1>{text(self.title)}</h1>\n" + "\n".join(self.sections) + tail + "\n</body>\n</html>\n"
        )
