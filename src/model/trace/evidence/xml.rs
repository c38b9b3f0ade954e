//! XML within bounds: no definitions, no entities but the five that are built in, one root, closed to the end.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// How deep elements may be nested.
const DEPTH: usize = 64;
/// How many attributes an element may have.
const ATTRIBUTES: usize = 64;

pub(super) enum Node {
    Open(Element),
    Close,
    Text(String),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
}

impl Element {
    pub(super) fn has(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.has(name).unwrap_or_default().to_owned()
    }
}

/// What a document type may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doctype {
    Refused,
    /// One that only names itself; it is not looked up.
    Named,
}

/// Walks over a document; stops at the first thing that is wrong with it.
pub(super) fn walk(text: &str, doctype: Doctype, mut each: impl FnMut(Node)) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut roots) = (0usize, 0usize);
    loop {
        let at = reader.buffer_position();
        let line = || {
            let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
            text.as_bytes()[..at]
                .iter()
                .filter(|b| **b == b'\n')
                .count()
                + 1
        };
        let wrong = |why: String| format!("line {}: {why}", line());
        let event = reader
            .read_event()
            .map_err(|e| wrong(format!("malformed XML: {e}")))?;
        match event {
            Event::Start(start) => {
                if depth == 0 {
                    roots += 1;
                }
                depth += 1;
                if depth > DEPTH {
                    return Err(wrong(format!("elements are nested more than {DEPTH} deep")));
                }
                each(Node::Open(element(&start).map_err(wrong)?));
            }
            Event::Empty(start) => {
                roots += usize::from(depth == 0);
                each(Node::Open(element(&start).map_err(wrong)?));
                each(Node::Close);
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                each(Node::Close);
            }
            Event::Text(text) if depth > 0 => each(Node::Text(text.xml10_content().into_owned())),
            Event::CData(data) if depth > 0 => each(Node::Text(data.xml10_content().into_owned())),
            Event::Text(text) if text.xml10_content().trim().is_empty() => {}
            Event::Text(_) | Event::CData(_) => {
                return Err(wrong("there is text outside of the root".to_owned()));
            }
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content().into_owned();
                let known = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(c),
                    _ => [
                        ("lt", '<'),
                        ("gt", '>'),
                        ("amp", '&'),
                        ("apos", '\''),
                        ("quot", '"'),
                    ]
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, c)| *c),
                };
                let c = known.ok_or_else(|| {
                    wrong(format!("`&{name};` is refused: entities are not resolved"))
                })?;
                each(Node::Text(c.to_string()));
            }
            Event::DocType(given) => {
                let given = given.xml10_content();
                if doctype == Doctype::Refused || given.contains('[') {
                    return Err(wrong("a document type definition is refused".to_owned()));
                }
            }
            Event::Eof if depth > 0 => {
                return Err(wrong(format!("the file ends within {depth} open elements")));
            }
            Event::Eof if roots != 1 => {
                return Err(format!("there are {roots} roots, expected one"));
            }
            Event::Eof => return Ok(()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let mut out = Element {
        name: start.local_name().as_ref().to_owned(),
        ..Element::default()
    };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| format!("malformed attribute: {e}"))?;
        let name = attribute.key.as_ref().to_owned();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|e| format!("malformed value of `{name}`: {e}"))?;
        out.attributes.insert(name, value.into_owned());
        if out.attributes.len() > ATTRIBUTES {
            return Err(format!("an element has more than {ATTRIBUTES} attributes"));
        }
    }
    Ok(out)
}
