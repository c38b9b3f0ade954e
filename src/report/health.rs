//! What `doctor` found, as text: a line for each thing that was looked at or tried, what is wrong in colour, and below
//! it what mends it.

use crate::model::health::{Health, Row, Tried, Verdict};

use super::text::printable;

pub fn text(health: &Health) -> String {
    let mut out = format!("{} {}\n", health.what, printable(&health.place));
    rows(&mut out, &health.rows);
    if let Some(tried) = &health.tried {
        out.push_str("\ntried in scratch copies; each layer with those before it out of the way\n");
        tries(&mut out, tried);
    }
    out.push_str(&count(health.wrong));
    if health.tried.is_none() {
        out.push_str("whether it stops what is forbidden: qms doctor --prove\n");
    }
    out
}

/// What a gateway's self-test found.
pub fn gateway(health: &Health) -> String {
    let mut out = format!("{} {}\n", health.what, printable(&health.place));
    rows(&mut out, &health.rows);
    out.push_str(&count(health.wrong));
    out
}

fn count(wrong: usize) -> String {
    match wrong {
        0 => "\nall is well\n".to_owned(),
        1 => "\n1 thing is wrong\n".to_owned(),
        n => format!("\n{n} things are wrong\n"),
    }
}

pub fn rows(out: &mut String, rows: &[Row]) {
    let width = rows.iter().map(|r| r.of.chars().count()).max();
    for row in rows {
        let of = format!("{:<width$}", row.of, width = width.unwrap_or(0).min(28));
        line(out, row.verdict, &format!("{of}  {}", row.is));
        for mend in &row.mend {
            let mend = printable(mend);
            out.push_str(&format!("         mend: \x1b[36m{mend}\x1b[0m\n"));
        }
    }
}

fn tries(out: &mut String, tried: &[Tried]) {
    for tried in tried {
        let layer = tried.layer.unwrap_or("must pass");
        let rules = tried.rules.join(", ");
        let is = match &tried.stopped_by {
            None if tried.is.is_empty() => "passes".to_owned(),
            None => tried.is.clone(),
            Some(by) if tried.is.is_empty() && Some(&**by) == tried.layer => rules,
            Some(by) => [&format!("stopped by {by}"), &rules, &tried.is]
                .into_iter()
                .filter(|part| !part.is_empty())
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("; "),
        };
        line(
            out,
            tried.verdict,
            &format!("{:<20}  {layer:<27}  {is}", tried.what),
        );
    }
}

fn line(out: &mut String, verdict: Verdict, text: &str) {
    let colour = match verdict {
        Verdict::Good => "\x1b[32m",
        Verdict::Mind => "\x1b[1;33m",
        Verdict::Wrong => "\x1b[1;31m",
    };
    let text = printable(text);
    let line = format!(
        "  {colour}{:<5}\x1b[0m  {}",
        verdict.as_str(),
        text.trim_end()
    );
    out.push_str(line.trim_end());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_stands_above_what_mends_it() {
        let rows = vec![
            Row::good("git", "git", "2.47.3; 2.28 is needed"),
            Row::wrong("hook-missing", "pre-commit", "nothing is there").mend("qms init"),
        ];
        let tried = |layer, by: Option<&str>, rules: &[&str], verdict, is: &str| Tried {
            what: "push-typed-state",
            layer,
            stopped_by: by.map(str::to_owned),
            rules: rules.iter().map(|r| (*r).to_owned()).collect(),
            verdict,
            is: is.to_owned(),
        };
        let health = Health::new("clone", "/srv/x\x1b[2J".to_owned(), rows).tried(vec![
            tried(None, None, &[], Verdict::Good, ""),
            tried(
                Some("pre-push"),
                Some("pre-push"),
                &["a", "b"],
                Verdict::Good,
                "",
            ),
            tried(
                Some("pre-push"),
                Some("pre-receive"),
                &["a"],
                Verdict::Wrong,
                "pre-push let it pass",
            ),
            tried(
                Some("pre-receive"),
                None,
                &[],
                Verdict::Wrong,
                "it got through",
            ),
        ]);
        let text = anstream::adapter::strip_str(&text(&health)).to_string();
        insta::assert_snapshot!(text, @r"
        clone /srv/x�[2J
          good   git         2.47.3; 2.28 is needed
          wrong  pre-commit  nothing is there
                 mend: qms init

        tried in scratch copies; each layer with those before it out of the way
          good   push-typed-state      must pass                    passes
          good   push-typed-state      pre-push                     a, b
          wrong  push-typed-state      pre-push                     stopped by pre-receive; a; pre-push let it pass
          wrong  push-typed-state      pre-receive                  it got through

        3 things are wrong
        ");
    }
}
