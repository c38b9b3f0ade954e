//! Matrices as one page for a browser: nothing is fetched, no script runs, and what comes from the repository is text.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::style::{slug, style};
use super::{counted, executed, lines, place, printable, short, source};
use crate::model::trace::matrix::{Matrix, Named, Row, Why};
use crate::model::trace::verdict::Class;

pub fn page(all: &[Matrix]) -> String {
    let style = style();
    // The one style is known by what it says; all else that a page could load or run is forbidden.
    let digest = STANDARD.encode(Sha256::digest(style.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    );
    let names: Vec<&str> = all.iter().map(|matrix| matrix.system.as_str()).collect();
    let title = format!("Traceability of {}", names.join(", "));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body {
                header {
                    h1 { (title) }
                    (filter(all))
                }
                main { @for matrix in all { (section(matrix)) } }
            }
        }
    };
    format!("{}\n", page.into_string())
}

/// Which verdicts are shown: those that there are, the worst first.
fn filter(all: &[Matrix]) -> Markup {
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    for (name, count) in all.iter().flat_map(|matrix| &matrix.counts) {
        *counts.entry(Class::of(name)).or_default() += count;
    }
    let total: usize = counts.values().sum();
    html! {
        fieldset {
            legend { "Show" }
            label { input type="radio" name="show" id="show-all" checked; " all (" (total) ")" }
            @for (class, count) in &counts {
                @let name = class.as_str();
                label { input type="radio" name="show" id={ "show-" (slug(name)) }; " " (name) " (" (count) ")" }
            }
        }
    }
}

fn section(matrix: &Matrix) -> Markup {
    let system = &matrix.system;
    html! {
        section id=(system) aria-labelledby={ "title-" (system) } {
            h2 id={ "title-" (system) } { (system) }
            p class="soft" { (source(matrix)) " at " code title=(matrix.commit) { (short(&matrix.commit)) } ", " (matrix.date) }
            ul class="counts" aria-label="Requirements by verdict" {
                @for (name, count) in &matrix.counts { li { (count) " " span class={ "verdict " (slug(name)) } { (name) } } }
            }
            div class="wide" {
                table {
                    caption { (system) ", " (counted(matrix)) }
                    thead { tr {
                        th scope="col" { "Requirement" }
                        th scope="col" { "Verdict" }
                        th scope="col" { "Implemented by" }
                        th scope="col" { "Verified by" }
                    } }
                    tbody { @for row in &matrix.requirements { (requirement(system, row)) } }
                }
            }
            @if !matrix.flaws.is_empty() {
                h3 class="flaw" { "Wrong with the document or with tags" }
                ul { @for flaw in &matrix.flaws { li { (why(flaw)) } } }
            }
            @if !matrix.retired.is_empty() {
                h3 { "Retired" }
                ul { @for one in &matrix.retired { li { code { (one.id) } " by " (printable(&one.by)) } } }
            }
        }
    }
}

fn requirement(system: &str, row: &Row) -> Markup {
    let verdict = slug(row.verdict);
    let anchor = format!("{system}.{}", row.id);
    html! {
        tr id=(anchor) class={ "row-" (verdict) } {
            th scope="row" {
                a href={ "#" (anchor) } { code { (row.id) } }
                @if !row.title.is_empty() { " " strong { (printable(&row.title)) } }
                @if !row.text.is_empty() { p class="text" { (lines(&row.text)) } }
                (ids("from ", &row.from))
                (ids("to ", &row.to))
            }
            td {
                span class={ "verdict " (verdict) } { (row.verdict) }
                @if row.lines.is_some() { p class="soft" { (executed(row)) } }
                ul {
                    @for reason in &row.reasons { li { (why(reason)) } }
                    @for warning in &row.warnings { li { "warning: " (why(warning)) } }
                }
            }
            td { (names(&row.implemented_by)) }
            td { (names(&row.verified_by)) }
        }
    }
}

fn ids(what: &str, ids: &[String]) -> Markup {
    html! { @if !ids.is_empty() { p class="soft" { (what) (printable(&ids.join(", "))) } } }
}

fn names(all: &[Named]) -> Markup {
    html! {
        @if all.is_empty() { span class="soft" { "nothing" } }
        ul { @for one in all {
            li { code { (printable(&one.name)) } " " span class="soft" { (printable(&place(&one.path, one.line))) } }
        } }
    }
}

fn why(why: &Why) -> Markup {
    let place = printable(&place(&why.path, why.line));
    html! { @if !place.is_empty() { code { (place) } " " } (printable(&why.says)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_repository_is_markup() {
        let page = page(&super::super::tests::samples());
        let tags: Vec<&str> = page
            .split('<')
            .skip(1)
            .filter_map(|t| t.split(['>', ' ']).next())
            .collect();
        for alien in ["script", "b", "add", "c", "img", "link", "iframe"] {
            assert!(!tags.contains(&alien), "{alien}: {page}");
        }
        assert!(
            page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
            "{page}"
        );
        assert!(!page.contains('\u{202e}'));
        assert!(!page.contains(" style=") && !page.contains(" onclick="));
    }

    #[test]
    fn the_style_is_the_one_that_the_policy_names() {
        let page = page(&[]);
        let inner = page
            .split("<style>")
            .nth(1)
            .and_then(|rest| rest.split("</style>").next());
        let digest = STANDARD.encode(Sha256::digest(inner.expect("a style")));
        assert!(
            page.contains(&format!("style-src 'sha256-{digest}'")),
            "{page}"
        );
    }

    #[test]
    fn a_requirement_has_an_anchor_and_its_reasons() {
        let page = page(&super::super::tests::samples());
        for part in [
            "<tr id=\"CLI.REQ-CLI-001\" class=\"row-untested\">",
            "<a href=\"#CLI.REQ-CLI-001\">",
            "<code>tests/a b.py:3</code> `test_&lt;add&gt;` asserts nothing",
            "id=\"show-untested\"> untested (1)",
            "<caption>CLI, 2 requirements: 1 untested, 1 verified</caption>",
            "<code>REQ-CLI-003</code> by CR-045",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
    }
}
