//! Matrices as ReqIF 1.2 for tools that manage requirements: an object for each requirement, a relation to each that it
//! comes from, a specification for each system. Identifiers are made of names and the times are the commit's, so that the
//! same commit gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::xml::Xml;
use super::style::slug;
use super::{counted, executed, named, reasons, short, source};
use crate::model::trace::matrix::{Matrix, Row};

mod types;

const SPACE: &str = "http://www.omg.org/spec/ReqIF/20110401/reqif.xsd";
const XHTML: &str = "http://www.w3.org/1999/xhtml";
const TOOL: &str = concat!("qms ", env!("CARGO_PKG_VERSION"));
/// The version of the schema, which ReqIF 1.2 shares with those before it.
const VERSION: &str = "1.0";

type Value = fn(&Row) -> String;

/// What a requirement is described by as plain text: identifier, the name that tools look for, and where it is from.
const STRINGS: &[(&str, &str, Value)] = &[
    ("id", "ReqIF.ForeignID", |row| row.id.to_string()),
    ("title", "ReqIF.Name", |row| row.title.to_string()),
    ("reasons", "qms.Reasons", |row| reasons(row).join("; ")),
    ("implemented-by", "qms.ImplementedBy", |row| {
        let all: Vec<String> = row.implemented_by.iter().map(named).collect();
        all.join("; ")
    }),
    ("verified-by", "qms.VerifiedBy", |row| {
        let all: Vec<String> = row.verified_by.iter().map(named).collect();
        all.join("; ")
    }),
    ("executed", "qms.Executed", executed),
    ("fingerprint", "qms.Fingerprint", |row| {
        row.fingerprint.to_string()
    }),
];

/// The types of objects: requirements, and what they come from that is no requirement of these systems.
const REQUIREMENT: &str = "type.requirement";
const ORIGIN: &str = "type.origin";
const SPECIFICATION: &str = "type.specification";
const DERIVES: &str = "type.derives";

pub fn reqif(all: &[Matrix]) -> String {
    let mut xml = Xml::new();
    let root = [("xmlns", SPACE), ("xmlns:xhtml", XHTML)];
    let file = File::of(all);
    xml.within("REQ-IF", &root, |xml| {
        xml.within("THE-HEADER", &[], |xml| file.header(xml));
        xml.within("CORE-CONTENT", &[], |xml| {
            xml.within("REQ-IF-CONTENT", &[], |xml| file.content(xml));
        });
    });
    xml.finish()
}

struct File<'m> {
    all: &'m [Matrix],
    date: &'m str,
    /// The object of each requirement, by its id.
    objects: BTreeMap<&'m str, String>,
    /// What is named as an origin or a part, and is no requirement here.
    origins: BTreeSet<&'m str>,
    /// From what is derived to what it comes from.
    relations: BTreeSet<(&'m str, &'m str)>,
}

impl<'m> File<'m> {
    fn of(all: &'m [Matrix]) -> File<'m> {
        let mut objects = BTreeMap::new();
        let mut relations = BTreeSet::new();
        for matrix in all {
            for row in &matrix.requirements {
                let id = &*row.id;
                objects.insert(id, requirement_id(&matrix.system, id));
                relations.extend(row.from.iter().map(|from| (id, from.as_str())));
                relations.extend(row.to.iter().map(|to| (to.as_str(), id)));
            }
        }
        let ends = relations.iter().flat_map(|(part, whole)| [*part, *whole]);
        File {
            all,
            date: all
                .first()
                .map_or("1970-01-01T00:00:00Z", |matrix| &matrix.date),
            origins: ends.filter(|id| !objects.contains_key(id)).collect(),
            objects,
            relations,
        }
    }

    /// Attributes of whatever has an identity.
    fn identity<'a>(&'a self, id: &'a str, name: &'a str) -> [(&'a str, &'a str); 3] {
        [
            ("IDENTIFIER", id),
            ("LAST-CHANGE", self.date),
            ("LONG-NAME", name),
        ]
    }

    fn header(&self, xml: &mut Xml) {
        let each = |say: fn(&Matrix) -> String| {
            let said: Vec<String> = self.all.iter().map(say).collect();
            said.join("; ")
        };
        let comment = each(|matrix| {
            let flaws = matrix.flaws.len();
            format!(
                "{}: {} at {}, {}, {flaws} flaws",
                matrix.system,
                source(matrix),
                short(&matrix.commit),
                counted(matrix)
            )
        });
        let title = each(|matrix| matrix.system.clone());
        xml.within("REQ-IF-HEADER", &[("IDENTIFIER", "header")], |xml| {
            for (name, text) in [
                ("COMMENT", comment.as_str()),
                ("CREATION-TIME", self.date),
                ("REQ-IF-TOOL-ID", TOOL),
                ("REQ-IF-VERSION", VERSION),
                ("SOURCE-TOOL-ID", TOOL),
                ("TITLE", &title),
            ] {
                xml.text(name, text);
            }
        });
    }

    fn content(&self, xml: &mut Xml) {
        xml.within("DATATYPES", &[], |xml| types::data(self, xml));
        xml.within("SPEC-TYPES", &[], |xml| types::types(self, xml));
        xml.within("SPEC-OBJECTS", &[], |xml| {
            for matrix in self.all {
                for row in &matrix.requirements {
                    self.requirement(xml, &requirement_id(&matrix.system, &row.id), row);
                }
            }
            for origin in &self.origins {
                let id = origin_id(origin);
                xml.within("SPEC-OBJECT", &self.identity(&id, origin), |xml| {
                    refer(xml, "TYPE", "SPEC-OBJECT-TYPE-REF", ORIGIN);
                    xml.within("VALUES", &[], |xml| string(xml, "origin-id", origin));
                });
            }
        });
        xml.within("SPEC-RELATIONS", &[], |xml| {
            for (part, whole) in &self.relations {
                let id = format!("derives.{}.{}", plain(part), plain(whole));
                xml.within(
                    "SPEC-RELATION",
                    &self.identity(&id, "derives from"),
                    |xml| {
                        refer(xml, "TYPE", "SPEC-RELATION-TYPE-REF", DERIVES);
                        refer(xml, "SOURCE", "SPEC-OBJECT-REF", &self.object(part));
                        refer(xml, "TARGET", "SPEC-OBJECT-REF", &self.object(whole));
                    },
                );
            }
        });
        xml.within("SPECIFICATIONS", &[], |xml| {
            for matrix in self.all {
                self.specification(xml, matrix);
            }
        });
    }

    fn object(&self, id: &str) -> String {
        self.objects
            .get(id)
            .cloned()
            .unwrap_or_else(|| origin_id(id))
    }

    fn requirement(&self, xml: &mut Xml, id: &str, row: &Row) {
        xml.within("SPEC-OBJECT", &self.identity(id, &row.id), |xml| {
            refer(xml, "TYPE", "SPEC-OBJECT-TYPE-REF", REQUIREMENT);
            xml.within("VALUES", &[], |xml| {
                for (id, _, value) in STRINGS {
                    string(xml, id, &value(row));
                }
                xml.within("ATTRIBUTE-VALUE-XHTML", &[], |xml| {
                    defined(xml, "XHTML", "text");
                    xml.within("THE-VALUE", &[], |xml| {
                        xml.within("xhtml:div", &[], |xml| {
                            for line in row.text.lines() {
                                xml.text("xhtml:p", line);
                            }
                        });
                    });
                });
                xml.within("ATTRIBUTE-VALUE-ENUMERATION", &[], |xml| {
                    defined(xml, "ENUMERATION", "verdict");
                    refer(xml, "VALUES", "ENUM-VALUE-REF", &verdict_id(row.verdict));
                });
            });
        });
    }

    fn specification(&self, xml: &mut Xml, matrix: &Matrix) {
        let id = format!("specification.{}", matrix.system);
        xml.within("SPECIFICATION", &self.identity(&id, &matrix.rs), |xml| {
            refer(xml, "TYPE", "SPECIFICATION-TYPE-REF", SPECIFICATION);
            xml.within("VALUES", &[], |xml| string(xml, "source", &source(matrix)));
            xml.within("CHILDREN", &[], |xml| {
                for row in &matrix.requirements {
                    let id = format!("place.{}.{}", matrix.system, row.id);
                    xml.within("SPEC-HIERARCHY", &self.identity(&id, &row.id), |xml| {
                        let object = requirement_id(&matrix.system, &row.id);
                        refer(xml, "OBJECT", "SPEC-OBJECT-REF", &object);
                    });
                }
            });
        });
    }
}

/// A reference to something within an element that says what it is for.
fn refer(xml: &mut Xml, role: &str, sort: &str, id: &str) {
    xml.within(role, &[], |xml| xml.text(sort, id));
}

fn string(xml: &mut Xml, attribute: &str, value: &str) {
    xml.within("ATTRIBUTE-VALUE-STRING", &[("THE-VALUE", value)], |xml| {
        defined(xml, "STRING", attribute);
    });
}

fn defined(xml: &mut Xml, sort: &str, attribute: &str) {
    let sort = format!("ATTRIBUTE-DEFINITION-{sort}-REF");
    refer(xml, "DEFINITION", &sort, &format!("attribute.{attribute}"));
}

fn requirement_id(system: &str, id: &str) -> String {
    format!("requirement.{system}.{id}")
}

fn verdict_id(name: &str) -> String {
    format!("verdict.{}", slug(name))
}

fn origin_id(id: &str) -> String {
    format!("origin.{}", plain(id))
}

/// What an identifier of XML may hold; another character by its number, so that no two become the same.
fn plain(id: &str) -> String {
    let part = |c: char| match c {
        c if c.is_ascii_alphanumeric() || c == '-' => c.to_string(),
        c => format!("_{:x}_", u32::from(c)),
    };
    id.chars().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_one_object() {
        let text = reqif(&super::super::tests::samples());
        let after = |mark: &str| -> Vec<String> {
            let parts = text.split(mark).skip(1);
            parts
                .filter_map(|part| part.split(['"', '<']).next())
                .map(str::to_owned)
                .collect()
        };
        let identifiers = after("IDENTIFIER=\"");
        let unique: BTreeSet<&String> = identifiers.iter().collect();
        assert_eq!(unique.len(), identifiers.len(), "{identifiers:?}");
        let referred = after("-REF>");
        assert!(referred.len() > 40, "{text}");
        let lost: Vec<&String> = referred
            .iter()
            .filter(|id| !id.trim().is_empty() && !unique.contains(id))
            .collect();
        assert_eq!(lost, Vec::<&String>::new());
    }

    #[test]
    fn a_link_that_both_ends_name_is_one_relation() {
        let text = reqif(&super::super::tests::samples());
        let relations: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("<SPEC-RELATION "))
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        assert_eq!(
            relations,
            [
                "derives.REQ-CLI-001.REQ-CLI-002",
                "derives.REQ-CLI-001.UR-1"
            ]
        );
        assert!(
            text.contains("<SPEC-OBJECT IDENTIFIER=\"origin.UR-1\""),
            "{text}"
        );
    }

    #[test]
    fn identifiers_stay_apart() {
        assert_eq!(plain("req~a~1"), "req_7e_a_7e_1");
        assert_ne!(plain("a_7e_"), plain("a~"));
    }
}
