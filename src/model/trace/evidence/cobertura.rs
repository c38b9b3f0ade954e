//! Coverage in Cobertura's XML.

use super::xml::{Doctype, Node, walk};
use super::{Coverage, Read, text};

/// Reads a report. With one `<source>` the names of files are below it.
pub fn read(bytes: &[u8]) -> Read<Coverage> {
    let text = match text(bytes) {
        Ok(text) => text,
        Err(why) => return Read::flawed(why),
    };
    let (mut sources, mut in_source) = (Vec::<String>::new(), false);
    let mut class: Option<String> = None;
    let mut lines: Vec<(String, u32, bool)> = Vec::new();
    let mut files: Vec<String> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut flaws = Vec::new();
    let walked = walk(text, Doctype::Named, |node| match node {
        Node::Open(element) => {
            match (element.name.as_str(), &class) {
                ("source", _) => {
                    in_source = true;
                    sources.push(String::new());
                }
                ("class", _) => match element.has("filename") {
                    Some(name) if !name.is_empty() => {
                        files.push(name.to_owned());
                        class = Some(name.to_owned());
                    }
                    _ => flaws.push("a <class> has no filename".to_owned()),
                },
                ("line", Some(path)) => {
                    let number = element.has("number").and_then(|n| n.parse().ok());
                    let hits = element.has("hits").and_then(|n| n.parse::<u64>().ok());
                    match number.zip(hits) {
                        Some((number, hits)) => lines.push((path.clone(), number, hits > 0)),
                        None => {
                            flaws.push(format!("a <line> of `{path}` has no number or no hits"))
                        }
                    }
                }
                (name, _) if open.is_empty() && name != "coverage" => {
                    flaws.push(format!("the root is <{name}>, expected <coverage>"));
                }
                _ => {}
            }
            open.push(element.name);
        }
        Node::Text(text) => {
            if let Some(source) = sources.last_mut().filter(|_| in_source) {
                source.push_str(&text);
            }
        }
        Node::Close => {
            in_source = false;
            if open.pop().as_deref() == Some("class") {
                class = None;
            }
        }
    });
    flaws.extend(walked.err());
    let below = match sources.as_slice() {
        [one] => one.trim().trim_end_matches('/'),
        _ => "",
    };
    let path = |name: &str| match below.is_empty() || name.starts_with('/') {
        true => name.to_owned(),
        false => format!("{below}/{name}"),
    };
    let mut coverage = Coverage::default();
    for name in &files {
        coverage.files.entry(path(name)).or_default();
    }
    for (name, line, hit) in &lines {
        coverage.add(&path(name), *line, *hit);
    }
    if flaws.is_empty() && coverage.files.is_empty() {
        flaws.push("there is no file in the coverage".to_owned());
    }
    Read {
        what: coverage,
        flaws,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>
<coverage line-rate="0.5"><sources><source>/w/src</source></sources><packages><package><classes>
<class filename="a.py"><methods><method><lines><line number="1" hits="0"/></lines></method></methods>
<lines><line number="1" hits="3"/><line number="2" hits="0" branch="true"/></lines></class>
</classes></package></packages></coverage>"#;

    #[test]
    fn lines_are_read() {
        let found = read(TEXT.as_bytes());
        assert_eq!(found.flaws, [] as [&str; 0]);
        assert_eq!(
            found.what.files["/w/src/a.py"],
            [(1, true), (2, false)].into()
        );
        let two = TEXT.replace("<source>", "<source>/v</source><source>");
        assert!(read(two.as_bytes()).what.files.contains_key("a.py"));
    }

    #[test]
    fn what_is_no_coverage_is_a_flaw() {
        for (from, to) in [
            ("</coverage>", ""),
            ("hits=\"3\"", "hits=\"x\""),
            ("filename=\"a.py\"", ""),
            ("coverage-04.dtd'", "coverage-04.dtd' [<!ENTITY a \"b\">]"),
            (TEXT, "<coverage/>"),
            (TEXT, "<html/>"),
        ] {
            assert!(
                !read(TEXT.replace(from, to).as_bytes()).flaws.is_empty(),
                "{to}"
            );
        }
    }
}
