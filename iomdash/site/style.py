"""The look that Streamlit's theme cannot set: spacing, focus, dots, badges, narrow screens."""

CSS = """
<style>
.stMainBlockContainer { max-width: 66rem; padding-top: 4.5rem; }
h1 { font-size: 2rem !important; line-height: 1.2 !important; padding-bottom: .2rem !important; }
h2 { font-size: 1.4rem !important; padding: 1.2rem 0 .2rem !important; margin: 0 !important; }
h3 { font-size: 1.1rem !important; padding-bottom: 0 !important; }
:focus-visible { outline: 3px solid #0b0c0c !important; outline-offset: 2px; }
[data-testid^="stPageLink"] * { white-space: normal !important; }
.io-theme { color: #3d3d3d; margin: 0; font-size: .95rem; }
.io-badge { white-space: nowrap; font-weight: 600; }
.io-figure { font-size: 1.25rem; margin: .2rem 0; }
.io-figure span + span { margin-left: 1.4rem; display: inline-block; }
.io-then { color: #3d3d3d; font-size: 1rem; }
.io-dots { font-size: 1.5rem; letter-spacing: .14em; line-height: 1.35; margin: 0; }
.io-dots .yes { color: #12436D; } .io-dots .mixed { color: #1b7a70; }
.io-dots .no { color: #a63a06; } .io-dots .none { color: #6b747d; }
.io-bar { display: flex; height: 1.4rem; width: 100%; background: #b9c2cb; }
.io-bar i { display: block; height: 100%; }
.io-quote { border-left: 4px solid #12436D; margin: .5rem 0; padding: .1rem 0 .1rem .9rem; }
.io-quote.other { border-left-color: #801650; border-left-style: dashed; }
.io-quote small { color: #3d3d3d; display: block; }
.io-sub { color: #3d3d3d; font-size: .95rem; margin: 0 0 .4rem; }
.io-release { color: #3d3d3d; font-size: .9rem; margin: 0; overflow-wrap: anywhere; }
.io-note { border-left: 4px solid #3d3d3d; padding: .2rem .8rem; margin: .4rem 0; }
.io-flag { border: 2px solid #3d3d3d; padding: .5rem .8rem; margin: .5rem 0; }
.io-hidden { background: repeating-linear-gradient(45deg, #fff 0 6px, #e3e6e9 6px 9px);
  border: 1px solid #6b747d; padding: .7rem .8rem; margin: .3rem 0; }
.io-none { border: 1px solid #6b747d; padding: .7rem .8rem; margin: .3rem 0; }
.io-hidden span { background: #fff; padding: .1rem .3rem; }
.io-lines { margin: 0 0 .6rem; padding-left: 1.2rem; }
.io-list { list-style: none; margin: 0 !important; padding: 0 !important; }
.stHtml a { color: #12436D; }
.io-list li { display: grid; grid-template-columns: 22rem 17rem 1fr; gap: .2rem 1rem;
  margin: 0 !important; padding: .35rem 0; align-items: center; }
.io-ends { display: flex; justify-content: space-between; gap: 1rem; flex-wrap: wrap; }
.io-span { position: relative; display: inline-block; width: 6rem; height: .9rem;
  background: #e3e6e9; vertical-align: middle; margin: 0 .5rem; }
.io-span i { position: absolute; top: .35rem; height: .2rem; background: #12436D; }
.io-span b { position: absolute; top: .1rem; width: .7rem; height: .7rem; border-radius: 50%;
  background: #12436D; margin-left: -.35rem; }
.io-pairs section { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2.5rem;
  border-top: 1px solid #b9c2cb; padding: .6rem 0; }
.io-pairs section > div + div { border-left: 4px solid #b9c2cb; padding-left: 1.2rem; }
.io-pairs h3, .io-pairs p, .io-pairs ul { margin: .2rem 0 !important; }
@media (max-width: 640px) {
  .io-pairs section { grid-template-columns: 1fr; gap: .6rem; }
  .stMainBlockContainer { padding: 4rem .8rem 2rem; }
  h1 { font-size: 1.5rem !important; }
  .io-badge { white-space: normal; }
  .io-list li { grid-template-columns: 1fr; padding: .7rem 0; }
  .io-figure span + span { margin-left: 0; display: block; }
}
</style>
"""
