"""The look that Streamlit's theme cannot set: colours of charts, figures, dots, print, telephones.

Made of `iomdash.pictures.look`; the browser takes of each pair the colour for the theme in force.
"""

from iomdash.pictures.look import COLOURS, SIZES, SPACES

# Every colour that a chart may hold, by what the browser draws with it.
DRAWN = ("fill", "stroke")


def _variables() -> str:
    colours = [f"--io-{n}: light-dark({c.light}, {c.dark});" for n, c in COLOURS.items()]
    sizes = [f"--io-size-{name}: {size}rem;" for name, size in SIZES.items()]
    spaces = [f"--io-space-{name}: {space}rem;" for name, space in SPACES.items()]
    return f":root {{ {' '.join([*colours, *sizes, *spaces])} }}"


def _charts() -> str:
    """Rules that give every colour of a chart its pair on a dark ground."""
    return "\n".join(
        f'.stVegaLiteChart svg [{mark}="{colour.light}"] {{ {mark}: var(--io-{name}); }}'
        for name, colour in COLOURS.items()
        for mark in DRAWN
    )


RULES = """
.stMainBlockContainer { max-width: 66rem; padding-top: 4.5rem; }
h1 { font-size: var(--io-size-h1) !important; line-height: 1.2 !important;
  padding-bottom: .2rem !important; }
h2 { font-size: var(--io-size-h2) !important; padding: 1.2rem 0 .2rem !important;
  margin: 0 !important; }
h3 { font-size: var(--io-size-h3) !important; padding-bottom: 0 !important; }
:focus-visible { outline: 3px solid var(--io-ink) !important; outline-offset: 2px; }
[data-testid^="stPageLink"] * { white-space: normal !important; }
.stVegaLiteChart svg { background: transparent !important; }
.io-theme { color: var(--io-quiet); margin: 0; font-size: .95rem; }
.io-lead { color: var(--io-quiet); font-size: var(--io-size-lead); margin: 0 0 .6rem; }
.io-badge { white-space: nowrap; font-weight: 600; }
.io-figure { font-size: 1.25rem; margin: .2rem 0; }
.io-figure span + span { margin-left: 1.4rem; display: inline-block; }
.io-then { color: var(--io-quiet); font-size: 1rem; }
.io-dots { font-size: 1.5rem; letter-spacing: .14em; line-height: 1.35; margin: 0; }
.io-dots .yes { color: var(--io-first); } .io-dots .mixed { color: var(--io-second); }
.io-dots .no { color: var(--io-third); } .io-dots .none { color: var(--io-frame); }
.io-bar { display: flex; height: 1.4rem; width: 100%; gap: 2px; }
.io-bar i { display: block; height: 100%; }
.io-bar .yes { background: var(--io-first); } .io-bar .mixed { background: var(--io-second); }
.io-bar .no { background: var(--io-third); }
.io-bar .none { background: var(--io-rest); box-shadow: inset 0 0 0 1px var(--io-frame); }
.io-quote { border-left: 4px solid var(--io-first); margin: .5rem 0;
  padding: .1rem 0 .1rem .9rem; }
.io-quote.other { border-left-color: var(--io-fourth); border-left-style: dashed; }
.io-quote small { color: var(--io-quiet); display: block; }
.io-sub { color: var(--io-quiet); font-size: .95rem; margin: 0 0 .4rem; }
.io-release { color: var(--io-quiet); font-size: var(--io-size-small); margin: 0;
  overflow-wrap: anywhere; }
.io-note { border-left: 4px solid var(--io-quiet); padding: .2rem .8rem; margin: .4rem 0; }
.io-flag { border: 2px solid var(--io-quiet); padding: .5rem .8rem; margin: .5rem 0; }
.io-hidden { background: repeating-linear-gradient(45deg, var(--io-ground) 0 6px,
  var(--io-grid) 6px 9px); border: 1px solid var(--io-frame); padding: .7rem .8rem;
  margin: .3rem 0; }
.io-none { border: 1px solid var(--io-frame); padding: .7rem .8rem; margin: .3rem 0; }
.io-hidden span { background: var(--io-ground); padding: .1rem .3rem; }
.io-lines { margin: 0 0 .6rem; padding-left: 1.2rem; }
.io-list { list-style: none; margin: 0 !important; padding: 0 !important; }
.stHtml a { color: var(--io-first); }
.io-list li { display: grid; grid-template-columns: 22rem 17rem 1fr; gap: .2rem 1rem;
  margin: 0 !important; padding: .35rem 0; align-items: center; }
.io-ends { display: flex; justify-content: space-between; gap: 1rem; flex-wrap: wrap; }
.io-pairs section { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2.5rem;
  border-top: 1px solid var(--io-rest); padding: .6rem 0; }
.io-pairs section > div + div { border-left: 4px solid var(--io-rest); padding-left: 1.2rem; }
.io-pairs h3, .io-pairs p, .io-pairs ul { margin: .2rem 0 !important; }
"""

FIGURES = """
.io-card { border: 1px solid var(--io-rest); border-radius: .5rem; padding: .8rem 1rem;
  margin: var(--io-space-3) 0; }
.io-card h3 { margin: 0 !important; padding: 0 0 .2rem !important; }
.io-drawn { border-bottom: 0; border-radius: .5rem .5rem 0 0; padding-bottom: .3rem;
  margin-bottom: 0; }
.stElementContainer:has(.stVegaLiteChart) { margin-top: calc(-1 * var(--io-space-3)); }
.stElementContainer:has(.stVegaLiteChart) > div { border: 1px solid var(--io-rest); border-top: 0;
  border-radius: 0 0 .5rem .5rem; padding: .2rem 1rem .6rem; box-sizing: border-box; }
.io-views { display: flex; flex-wrap: wrap; gap: .4rem; align-items: flex-start; }
.io-views details[open] { flex-basis: 100%; }
.io-views summary, .io-act { display: inline-flex; align-items: center; min-height: 1.9rem;
  padding: .1rem .7rem; border: 1px solid var(--io-frame); border-radius: .4rem; cursor: pointer;
  font: inherit; font-size: var(--io-size-small); color: var(--io-first); text-decoration: none;
  background: var(--io-ground); list-style: none; }
.io-views summary::-webkit-details-marker { display: none; }
.io-views summary::after { content: "▾"; padding-left: .4rem; }
.io-views details[open] > summary::after { content: "▴"; }
.io-views summary:hover, .io-act:hover { background: var(--io-raised); }
.io-takes { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none;
  margin: .5rem 0 0 !important; padding: 0 !important; font-size: var(--io-size-small); }
.io-takes li { margin: 0 !important; padding: .2rem 0; }
.io-acts { display: flex; flex-wrap: wrap; gap: .4rem; margin: .3rem 0; }
.io-scroll { overflow-x: auto; }
.io-table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .95rem; }
.io-table th { text-align: left; font-weight: 600; border-bottom: 2px solid var(--io-frame);
  color: var(--io-quiet); }
.io-table th, .io-table td { padding: .35rem .8rem .35rem 0; vertical-align: top;
  min-width: 5.6rem; }
.io-table tbody th { border: 0; color: var(--io-ink); font-weight: 400; }
.io-table tbody tr { border-bottom: 1px solid var(--io-grid); }
.io-table td.number, .io-table th.number { text-align: right; font-variant-numeric: tabular-nums; }
.io-source { color: var(--io-quiet); font-size: var(--io-size-small); margin: .5rem 0 0; }
.io-key { color: var(--io-quiet); font-size: var(--io-size-small); margin: .4rem 0; }
.io-key span { display: inline-block; margin-right: .9rem; }
abbr[title] { text-decoration: underline dotted; cursor: help; }
"""

TOPICS = """
.io-topic { border-bottom: 1px solid var(--io-rest); padding: .2rem 0; }
.io-topic > summary { cursor: pointer; padding: .5rem 0; }
.io-topic > summary h2 { display: inline; padding: 0 !important; margin-right: .8rem !important; }
.io-topic > summary span { color: var(--io-quiet); }
.io-topic[open] { padding-bottom: 1rem; }
.io-more { margin: .3rem 0; } .io-more summary { cursor: pointer; padding: .25rem 0; }
.io-more > details > :not(summary) { margin-left: 1.1rem; }
"""

BRIEFING = """
.io-tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: .8rem; margin: .8rem 0; }
.io-tiles section { border: 1px solid var(--io-rest); border-top: .3rem solid var(--io-rest);
  border-radius: .4rem; padding: .5rem .8rem .6rem; }
.io-tiles .change { border-top-color: var(--io-first); }
.io-tiles .fallen { border-top-color: var(--io-third); }
.io-tiles .recorded { border-top-color: var(--io-second); }
.io-tiles p { margin: 0 !important; line-height: 1.35; }
.io-tiles p + p { color: var(--io-quiet); font-size: var(--io-size-small); margin-top: .2rem; }
.io-tiles strong { font-size: var(--io-size-figure); line-height: 1.1; margin-right: .2rem; }
.io-agenda { background: var(--io-raised); border-radius: .4rem; padding: .1rem 1rem .5rem; }
.io-agenda:empty { display: none; }
.io-agenda h2 { font-size: var(--io-size-h3) !important; padding: .6rem 0 .2rem !important; }
.io-agenda ol { margin: 0 0 .3rem; padding-left: 1.4rem; }
.io-agenda li { margin: .2rem 0 !important; }
.io-agenda em { color: var(--io-quiet); }
.io-unspaced { padding-top: .2rem !important; }
.io-findings { width: 100%; border-collapse: collapse; table-layout: fixed; margin: .2rem 0; }
.io-findings th:first-child { width: 9.5rem; } .io-findings thead th:nth-child(3) { width: 15rem; }
.io-findings thead th:nth-child(4) { width: 15.5rem; }
.io-findings th { text-align: left; font-weight: 600; font-size: var(--io-size-small);
  vertical-align: top; padding: .45rem .9rem .45rem 0; border: 0; }
.io-findings thead th { border-bottom: 2px solid var(--io-ink); vertical-align: bottom;
  color: var(--io-quiet); }
.io-findings tbody th a { font-weight: 400; }
.io-findings tr { border-bottom: 1px solid var(--io-rest); }
.io-findings td { vertical-align: top; padding: .45rem .9rem .45rem 0; border: 0; }
.io-findings td:first-of-type a { font-weight: 600; text-decoration: none; }
.io-findings td:first-of-type a:hover { text-decoration: underline; }
.io-findings small { display: block; color: var(--io-quiet); font-size: var(--io-size-small); }
.io-scale { display: flex; justify-content: space-between; font-weight: 400; }
.io-axis { position: relative; display: block; height: 1.1rem; margin: .25rem .4rem 0 .4rem;
  border-left: 1px solid var(--io-rest); border-right: 1px solid var(--io-rest);
  background: linear-gradient(var(--io-rest), var(--io-rest)) 50% 0 / 1px 100% no-repeat; }
.io-axis::before { content: ""; position: absolute; inset: .42rem 0; background: var(--io-grid); }
.io-axis i { position: absolute; top: .42rem; height: .26rem; background: var(--io-first); }
.io-axis b, .io-dot { position: absolute; top: .15rem; width: .8rem; height: .8rem;
  border-radius: 50%; background: var(--io-first); margin-left: -.4rem; }
.io-axis s, .io-ring { position: absolute; top: .15rem; width: .8rem; height: .8rem;
  border-radius: 50%; border: 2px solid var(--io-ink); background: var(--io-ground);
  margin-left: -.4rem; }
.io-axis s.wide { border-radius: .4rem; margin-left: 0; background: none; }
.io-dot, .io-ring { position: static; display: inline-block; margin: 0 .3rem 0 0;
  vertical-align: -.1rem; }
.io-acts { align-items: flex-start; }
"""

NARROW = """
@media (max-width: 62rem) {
  .io-findings th:first-child { width: 6.5rem; }
  .io-findings thead th:nth-child(3) { width: 9rem; }
  .io-findings thead th:nth-child(4) { width: 11rem; }
}
@media (max-width: 640px) {
  .io-card { padding: .6rem; }
  .stElementContainer:has(.stVegaLiteChart) > div { padding: .2rem .4rem .5rem; }
  .io-pairs section { grid-template-columns: 1fr; gap: .6rem; }
  .stMainBlockContainer { padding: 4rem .8rem 2rem; }
  h1 { font-size: 1.5rem !important; }
  .io-badge { white-space: normal; }
  .io-list li { grid-template-columns: 1fr; padding: .7rem 0; }
  .io-tiles { grid-template-columns: 1fr 1fr; gap: .5rem; }
  .io-tiles section { padding: .4rem .5rem .5rem; }
  .io-findings, .io-findings tbody, .io-findings tr, .io-findings td, .io-findings tbody th
    { display: block; width: auto !important; padding-right: 0; }
  .io-findings thead { display: none; }
  .io-findings tr { padding: .5rem 0; } .io-findings td { padding: .1rem 0; }
  .io-findings tbody th { padding: 0; }
  .io-figure span + span { margin-left: 0; display: block; }
}
"""

# On paper everything is there: tables open, a title with its chart, and pages are counted.
PRINT = """
@page { size: A4; margin: 18mm 15mm 20mm;
  @bottom-right { content: counter(page) " of " counter(pages); font-size: 9pt; }
  @bottom-left { content: "iomdash"; font-size: 9pt; } }
@media print {
  .stApp, html, body { color-scheme: light !important; background: #fff !important; }
  .stApp :not(svg *) { color: var(--io-ink) !important; }
  .stAppHeader, [data-testid="stToolbar"], .stSelectbox, .stButton, .stDownloadButton,
  .stTextInput, .stButtonGroup, .io-acts, .io-takes, .io-views summary, .io-unprinted
    { display: none !important; }
  .stApp, .stMain, .stAppViewContainer, .stMainBlockContainer
    { position: static !important; overflow: visible !important; height: auto !important;
      display: block !important; }
  .stMainBlockContainer { padding: 0 !important; max-width: none; }
  details::details-content { content-visibility: visible !important; display: block !important;
    height: auto !important; }
  details > * { display: revert; }
  .stVerticalBlock { display: block !important; }
  h1, h2, h3, .io-sub, .stElementContainer:has(.io-drawn:last-child) { break-after: avoid; }
  .stVegaLiteChart, .io-quote, .io-bar, tr, li { break-inside: avoid; }
  .io-card { break-inside: avoid; }
  .stVegaLiteChart svg { max-width: 100%; height: auto; }
  .io-scroll { overflow: visible; }
}
"""

_ALL = "".join((RULES, FIGURES, TOPICS, BRIEFING, NARROW, PRINT))
CSS = f"\n<style>\n{_variables()}\n{_charts()}{_ALL}</style>\n"
