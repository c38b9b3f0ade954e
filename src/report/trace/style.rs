//! How the page of matrices looks: light and dark, narrow and on paper; and which rows a filter leaves.

use crate::model::trace::verdict::Class;

const BASE: &str = "
:root { color-scheme: light dark; --line: #c9ced6; --soft: #5c6672; --back: #fff; --text: #1b1f24; --head: #f3f5f8;
  --bad: #b3261e; --warn: #8a5300; --good: #1a6b34; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3b434d; --soft: #a2adba; --back: #14171b; --text: #e4e8ed; --head: #1f242a;
    --bad: #ff8a80; --warn: #f2b45c; --good: #7bd495; }
}
body { margin: 0 auto; max-width: 90rem; padding: 1rem 1.5rem 3rem; background: var(--back); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { margin: .5rem 0; font-size: 1.6rem; }
h2 { margin: 2rem 0 .25rem; font-size: 1.25rem; }
h3 { margin: 1.25rem 0 .25rem; font-size: 1rem; }
p { margin: .25rem 0; }
a { color: inherit; }
code { font: .92em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
.soft, caption { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .25rem 0; }
th, td { border: 1px solid var(--line); padding: .4rem .6rem; text-align: left; vertical-align: top; }
thead th { background: var(--head); }
tbody th { font-weight: 400; width: 30%; }
.text { white-space: pre-line; overflow-wrap: anywhere; }
tr:target { outline: 3px solid var(--warn); outline-offset: -3px; }
ul { margin: .25rem 0; padding-left: 1.1rem; }
td > ul { padding-left: 0; list-style: none; }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; list-style: none; }
.counts li { border: 1px solid var(--line); border-radius: .4rem; padding: .1rem .6rem; }
.verdict { font-weight: 600; color: var(--warn); }
.failed, .unimplemented, .untested, .flaw { color: var(--bad); }
.verified { color: var(--good); }
fieldset { display: flex; flex-wrap: wrap; gap: .25rem 1rem; border: 1px solid var(--line); border-radius: .4rem; }
@media print {
  :root { color-scheme: light; --line: #888; --soft: #444; --back: #fff; --text: #000; --head: #eee;
    --bad: #000; --warn: #000; --good: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  fieldset { display: none; }
  .wide { overflow: visible; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
}
";

/// The whole of it, with a line for each verdict that can be asked for alone.
pub(super) fn style() -> String {
    let mut out = BASE.to_owned();
    for (name, _) in Class::ALL {
        let name = slug(name);
        out.push_str(&format!(
            "body:has(#show-{name}:checked) tbody tr:not(.row-{name}) {{ display: none; }}\n"
        ));
    }
    out
}

/// A verdict as the name of a class: `not-run`.
pub(super) fn slug(verdict: &str) -> String {
    let words = verdict.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}
