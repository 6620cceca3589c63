/** Light and dark, left to right and right to left, from 320 pixels on. */
export const DOCS_STYLE = `:root {
  color-scheme: light dark;
  --text: light-dark(#1b1f24, #e6e8eb);
  --quiet: light-dark(#4a525c, #b4bcc6);
  --ground: light-dark(#ffffff, #14171b);
  --raised: light-dark(#f3f5f7, #1f242a);
  --line: light-dark(#c9d0d8, #3b444f);
  --link: light-dark(#0b57a4, #8cc4ff);
  --notice: light-dark(#7a3b00, #ffc78a);
  --keyword: light-dark(#7a2a8f, #dfa6f2);
  --string: light-dark(#0f6237, #8fdcae);
  --number: light-dark(#96330b, #ffb38a);
}
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.6 system-ui, sans-serif; color: var(--text); background: var(--ground); }
a { color: var(--link); text-underline-offset: 0.2em; }
a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible, [tabindex]:focus-visible {
  outline: 3px solid var(--link);
  outline-offset: 2px;
}
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
.skip { position: absolute; inset-inline-start: -100vw; }
.skip:focus { inset-inline-start: 1rem; background: var(--ground); padding: 0.5rem; z-index: 2; }
header { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: center; padding: 0.75rem 1rem; border-block-end: 1px solid var(--line); }
header .title { font-weight: 700; color: var(--text); text-decoration: none; }
header search { position: relative; flex: 1 1 14rem; }
header input { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--quiet); border-radius: 0.4rem; padding: 0.3rem 0.6rem; inline-size: min(24rem, 100%); }
#site-results { position: absolute; z-index: 1; inset-inline: 0; margin: 0.25rem 0 0; padding: 0.5rem; list-style: none; background: var(--ground); border: 1px solid var(--line); border-radius: 0.4rem; max-block-size: 70vh; overflow: auto; }
#site-results a { display: block; overflow-wrap: anywhere; }
#site-results span { color: var(--quiet); font-size: 0.9em; }
.languages { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; }
.languages a, .contents a { display: inline-block; min-block-size: 1.5rem; }
[aria-current] { color: var(--text); font-weight: 600; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); }
.contents { padding: 0 1rem; order: 2; }
.contents h2 { font-size: 1rem; }
.contents ul { list-style: none; padding: 0; font-size: 0.9rem; }
.contents li { padding-block: 0.15rem; overflow-wrap: anywhere; }
main { padding: 0 1rem 4rem; min-inline-size: 0; }
h1 { font-size: clamp(1.4rem, 5vw, 2rem); overflow-wrap: anywhere; line-height: 1.25; }
h1[dir] { text-align: start; }
main ol, main ul { padding-inline-start: 1.5rem; }
h2 a, h3 a { color: inherit; text-decoration: none; }
h2 a:hover, h3 a:hover { text-decoration: underline; }
.lead { font-size: 1.1rem; color: var(--quiet); }
.notice { border-inline-start: 4px solid var(--notice); padding-inline-start: 1rem; color: var(--notice); }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) minmax(0, 1fr); gap: 0.25rem 1rem; }
dt { color: var(--quiet); overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; }
dl.index { display: block; }
dl.index dd { margin-block-end: 0.75rem; }
.table { overflow-x: auto; }
.table code { overflow-wrap: normal; }
table { border-collapse: collapse; inline-size: 100%; }
th, td { text-align: start; vertical-align: top; padding: 0.4rem 0.6rem; border-block-end: 1px solid var(--line); }
tr:target { background: var(--raised); }
.code { position: relative; }
pre { background: var(--raised); padding: 0.75rem; border-radius: 0.4rem; overflow-x: auto; }
pre code { overflow-wrap: normal; }
.code button { position: absolute; inset-block-start: 0.4rem; inset-inline-end: 0.4rem; font: inherit; font-size: 0.85rem; color: var(--text); background: var(--ground); border: 1px solid var(--quiet); border-radius: 0.3rem; padding: 0.15rem 0.6rem; min-block-size: 1.5rem; }
summary { cursor: pointer; padding-block: 0.3rem; font-weight: 600; }
.comment { color: var(--quiet); }
.word { color: var(--keyword); }
.text { color: var(--string); }
.number { color: var(--number); }
@media (min-width: 60rem) {
  .columns { grid-template-columns: 20rem minmax(0, 60rem); gap: 1rem; }
  .contents { order: 0; border-inline-end: 1px solid var(--line); }
}
`
