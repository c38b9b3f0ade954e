//! The types that a file of ReqIF defines before it uses them.

use super::super::super::xml::Xml;
use super::{DERIVES, File, ORIGIN, REQUIREMENT, SPECIFICATION, STRINGS, refer, verdict_id};
use crate::model::trace::verdict::Class;

/// What values there are: text, formatted text and the verdicts.
pub(super) fn data(file: &File<'_>, xml: &mut Xml) {
    let mut string = file.identity("data.string", "text").to_vec();
    string.push(("MAX-LENGTH", "2147483647"));
    xml.empty("DATATYPE-DEFINITION-STRING", &string);
    xml.empty(
        "DATATYPE-DEFINITION-XHTML",
        &file.identity("data.xhtml", "formatted text"),
    );
    let verdict = file.identity("data.verdict", "verdict");
    xml.within("DATATYPE-DEFINITION-ENUMERATION", &verdict, |xml| {
        xml.within("SPECIFIED-VALUES", &[], |xml| {
            for (key, (name, _)) in Class::ALL.iter().enumerate() {
                let (id, key) = (verdict_id(name), key.to_string());
                xml.within("ENUM-VALUE", &file.identity(&id, name), |xml| {
                    xml.within("PROPERTIES", &[], |xml| {
                        xml.empty("EMBEDDED-VALUE", &[("KEY", &key), ("OTHER-CONTENT", "")]);
                    });
                });
            }
        });
    });
}

/// What objects, specifications and relations are described by.
pub(super) fn types(file: &File<'_>, xml: &mut Xml) {
    xml.within(
        "SPEC-OBJECT-TYPE",
        &file.identity(REQUIREMENT, "requirement"),
        |xml| {
            xml.within("SPEC-ATTRIBUTES", &[], |xml| {
                for (id, name, _) in STRINGS {
                    attribute(
                        file,
                        xml,
                        "STRING",
                        &format!("attribute.{id}"),
                        name,
                        "data.string",
                    );
                }
                attribute(
                    file,
                    xml,
                    "XHTML",
                    "attribute.text",
                    "ReqIF.Text",
                    "data.xhtml",
                );
                attribute(
                    file,
                    xml,
                    "ENUMERATION",
                    "attribute.verdict",
                    "qms.Verdict",
                    "data.verdict",
                );
            });
        },
    );
    for (element, id, name, described, called) in [
        (
            "SPEC-OBJECT-TYPE",
            ORIGIN,
            "origin",
            "origin-id",
            "ReqIF.ForeignID",
        ),
        (
            "SPECIFICATION-TYPE",
            SPECIFICATION,
            "specification",
            "source",
            "ReqIF.Description",
        ),
    ] {
        xml.within(element, &file.identity(id, name), |xml| {
            xml.within("SPEC-ATTRIBUTES", &[], |xml| {
                attribute(
                    file,
                    xml,
                    "STRING",
                    &format!("attribute.{described}"),
                    called,
                    "data.string",
                );
            });
        });
    }
    xml.empty(
        "SPEC-RELATION-TYPE",
        &file.identity(DERIVES, "derives from"),
    );
}

fn attribute(file: &File<'_>, xml: &mut Xml, sort: &str, id: &str, name: &str, data: &str) {
    let mut identity = file.identity(id, name).to_vec();
    if sort == "ENUMERATION" {
        identity.push(("MULTI-VALUED", "false"));
    }
    xml.within(&format!("ATTRIBUTE-DEFINITION-{sort}"), &identity, |xml| {
        refer(
            xml,
            "TYPE",
            &format!("DATATYPE-DEFINITION-{sort}-REF"),
            data,
        );
    });
}
