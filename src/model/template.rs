//! Templates: what `init` brings, and how a new document starts from the one in force.
//! Source: lifecycle.md "Versions", "Types".

use super::body::{Body, Form};
use super::document::Document;
use super::kind::{Id, Kind};
use super::state::{State, Version};
use super::workflow::Status;
use super::yaml::scalar;

/// The built-in templates by type, as texts without a managed block.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("SOP", include_str!("../../templates/SOP.md")),
    ("RS", include_str!("../../templates/RS.md")),
    ("RTM", include_str!("../../templates/RTM.md")),
    ("TEMPLATE", include_str!("../../templates/TEMPLATE.md")),
    ("CR", include_str!("../../templates/CR.md")),
    ("INV", include_str!("../../templates/INV.md")),
    ("TP", include_str!("../../templates/TP.md")),
    ("ER", include_str!("../../templates/ER.md")),
    ("VAR", include_str!("../../templates/VAR.md")),
    ("ADD", include_str!("../../templates/ADD.md")),
    ("VR", include_str!("../../templates/VR.md")),
];

/// The built-in template of a type.
pub fn built_in(kind: &Kind) -> &'static str {
    let found = BUILT_IN.iter().find(|(name, _)| *name == kind.name);
    found
        .expect("every type has a template, a test sees to it")
        .1
}

/// The form of a type's documents where there is no template in force.
pub fn built_in_form(kind: &Kind) -> Form {
    let text = built_in(kind);
    Form::of(&Body::read(text, Document::body_start(text)))
}

/// The template document's id for a type.
pub fn id_for(kind: &str) -> Option<Id> {
    Id::parse(&format!("TEMPLATE-{kind}"))
}

/// A built-in template as the document that `init` writes: EFFECTIVE at 1.0, owned by the founder.
pub fn founded(text: &str, owner: &str) -> Vec<u8> {
    let state = State {
        owner: Some(owner.to_owned()),
        ..State::bare(Status::Effective, Version::ONE)
    };
    let document = Document::from_text(text.as_bytes(), state)
        .expect("built-in templates are documents, a test sees to it");
    document.bytes().to_vec()
}

/// The text of a new document: front matter made from the arguments, and the template's body with `{{ID}}`,
/// `{{TITLE}}` and `{{PARENT}}` filled in. Other `{{…}}` are for the author.
///
/// Errors: a title or an item that has no place in one line of front matter.
pub fn instantiate(
    template: &Document,
    id: &Id,
    title: &str,
    scope: &[String],
    items: &[&str],
) -> Result<Vec<u8>, String> {
    let mut texts = std::iter::once(("title", title)).chain(items.iter().map(|i| ("item", *i)));
    if let Some((what, text)) = texts.find(|(_, text)| !is_a_line(text)) {
        let text = text.escape_debug();
        return Err(format!(
            "the {what} `{text}` is empty, padded or not printable"
        ));
    }
    let mut front = format!(
        "title: {}\nrevision_summary: Initial draft\n",
        scalar(title)
    );
    if id.kind().has_scope {
        let patterns: Vec<_> = scope.iter().map(|p| scalar(p)).collect();
        front.push_str(&format!("scope: [{}]\n", patterns.join(", ")));
    }
    if id.kind().name == "VAR" {
        front.push_str("variance_type: 1\n");
    }
    if !items.is_empty() {
        let items: Vec<_> = items.iter().map(|i| scalar(i)).collect();
        front.push_str(&format!("items: [{}]\n", items.join(", ")));
    }
    let parent = id.parent().map(|p| p.to_string()).unwrap_or_default();
    let body = template
        .body()
        .replace("{{ID}}", id.as_str())
        .replace("{{PARENT}}", &parent)
        .replace("{{TITLE}}", title);
    Ok(format!("---\n{front}---\n{body}").into_bytes())
}

/// Whether a text has a place in one line of front matter.
pub(super) fn is_a_line(text: &str) -> bool {
    let unseen = |c: char| c.is_control() || super::path::is_invisible(c);
    !text.trim().is_empty() && text.trim() == text && !text.chars().any(unseen)
}

#[cfg(test)]
mod tests {
    use super::super::kind::KINDS;
    use super::*;

    #[test]
    fn i_04a_every_type_has_a_template_whose_fresh_document_is_one() {
        for kind in KINDS {
            let (_, text) = BUILT_IN
                .iter()
                .find(|(name, _)| *name == kind.name)
                .expect("every kind has a template");
            let template = Document::parse(founded(text, "zoe")).expect("a template is a document");
            assert!(
                !template.front.title.is_empty() && !template.front.revision_summary.is_empty()
            );
            let id = match kind.name {
                "RS" | "RTM" => format!("SDLC-QMS-{}", kind.name),
                "TEMPLATE" => "TEMPLATE-FORM".to_owned(),
                "ER" => "CR-001-TP-001-ER-001".to_owned(),
                name if kind.parents.is_empty() => format!("{name}-001"),
                name => format!("CR-001-{name}-001"),
            };
            let id = Id::parse(&id).expect("an id");
            let text = instantiate(
                &template,
                &id,
                "A \"title\": ü \\ *x*",
                &["**/*.rs".into(), "a/b".into()],
                &["EI-2", "yes", "a: b"],
            )
            .expect("a text");
            let document = Document::from_text(&text, State::bare(Status::Draft, Version::FIRST))
                .expect("a document");
            assert_eq!(document.front.title, "A \"title\": ü \\ *x*");
            assert_eq!(
                document.front.scope.len(),
                if kind.has_scope { 2 } else { 0 }
            );
            assert_eq!(document.front.items(), ["EI-2", "yes", "a: b"]);
            assert!(
                document.body().contains(id.as_str()) && !document.body().contains("{{ID}}"),
                "{}",
                kind.name
            );
        }
    }

    #[test]
    fn titles_stay_in_their_line() {
        let template = Document::parse(founded(BUILT_IN[0].1, "zoe")).expect("a template");
        let id = Id::parse("SOP-001").expect("an id");
        for bad in ["", " a", "a\nqms:", "a\u{202e}b", "a\tb"] {
            assert!(
                instantiate(&template, &id, bad, &[], &[]).is_err(),
                "{bad:?}"
            );
            assert!(instantiate(&template, &id, "A", &[], &["EI-1", bad]).is_err());
        }
        for plain in ["yes", "1.0", "a: b", "#x", "-"] {
            let text = instantiate(&template, &id, plain, &[], &[]).expect("a text");
            let document = Document::from_text(&text, State::bare(Status::Draft, Version::FIRST))
                .expect("a document");
            assert_eq!(document.front.title, plain);
        }
    }
}
