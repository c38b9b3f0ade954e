//! The forms of the built-in templates, and what documents lack of one.

use super::super::super::kind::KINDS;
use super::super::super::template::BUILT_IN;
use super::*;

fn template(kind: &str) -> Body {
    let (_, text) = BUILT_IN
        .iter()
        .find(|(name, _)| *name == kind)
        .expect("a template");
    Body::read(text, text.find("\n# ").expect("a title"))
}

fn form(kind: &str) -> Form {
    Form::of(&template(kind))
}

#[test]
fn built_in_forms_say_what_their_kinds_are() {
    for kind in KINDS {
        let form = form(kind.name);
        let open: Vec<&str> = form
            .sections
            .iter()
            .filter(|p| p.open)
            .map(|p| p.identity.path[0].as_str())
            .collect();
        let items = form.items.as_ref().map(|i| {
            let roles = i.columns.iter().map(|c| c.role).collect::<Vec<_>>();
            (
                i.prefix.as_str(),
                form.sections[i.section].shown.as_str(),
                roles,
            )
        });
        use Role::*;
        let plan = |section| {
            (
                "EI-",
                section,
                vec![Id, Static, Vr, Outcome, Summary, Performer, Time, Evidence],
            )
        };
        let ends: &[&str] = &["Execution comments", "Execution summary"];
        let (expected, ends) = match kind.name {
            "CR" => (Some(plan("9. Implementation plan")), ends),
            "VAR" => (Some(plan("6. Resolution plan")), ends),
            "ADD" => (Some(plan("5. Correction plan")), ends),
            "ER" => (Some(plan("4. Repeated case")), ends),
            "INV" => (
                Some((
                    "CAPA-",
                    "6. Corrective and preventive actions",
                    vec![
                        Id, Static, Static, Change, Outcome, Summary, Performer, Time,
                    ],
                )),
                &["Execution comments", "Conclusion"][..],
            ),
            "TP" => (
                Some((
                    "TS-",
                    "3. Test steps",
                    vec![Id, Static, Static, Outcome, Summary, Performer, Time],
                )),
                &["Execution comments", "Test summary"][..],
            ),
            "VR" => (
                None,
                &[
                    "What is verified",
                    "How it was verified",
                    "Observations",
                    "Conclusion",
                ][..],
            ),
            _ => (None, &[][..]),
        };
        assert_eq!((items, open.as_slice()), (expected, ends), "{}", kind.name);
        assert!(form.openness().sections.len() == form.sections.len());
        assert_eq!(kind.is_executable(), !ends.is_empty());
        assert!(
            form.missing(&template(kind.name)).is_empty(),
            "{}",
            kind.name
        );
    }
}

fn lacks(text: &str) -> Vec<(Lack, String, String)> {
    let body = Body::read(text, 0);
    let missing = form("CR").missing(&body);
    missing
        .into_iter()
        .map(|m| (m.what, m.section, body.source(&m.range).to_owned()))
        .collect()
}

fn cr() -> String {
    let (_, text) = BUILT_IN
        .iter()
        .find(|(name, _)| *name == "CR")
        .expect("a template");
    text[text.find("\n# ").expect("a title")..].to_owned()
}

#[test]
fn a_section_may_be_absent_empty_or_out_of_order() {
    let text = cr();
    let cut = |from: &str, to: &str| {
        let (a, b) = (
            text.find(from).expect("a heading"),
            text.find(to).expect("a heading"),
        );
        (
            text[..a].to_owned(),
            text[a..b].to_owned(),
            text[b..].to_owned(),
        )
    };
    let (before, part, after) = cut("## 3.", "## 4.");
    assert_eq!(
        lacks(&(before.clone() + &after)),
        [(Lack::Section, "3. Current state".into(), String::new())]
    );
    let moved = lacks(&(before.clone() + &after + "\n" + &part));
    assert_eq!(
        moved,
        [(
            Lack::Order,
            "3. Current state".into(),
            "## 3. Current state".into()
        )]
    );
    for nothing in [
        "",
        "<!-- a -->\n\n<!-- b -->\n",
        "---\n",
        "[//]: # (x)\n",
        "| A |\n|---|\n|   |\n",
        "### Sub\n\n",
    ] {
        let emptied = before.clone() + "## 3. Current state\n\n" + nothing + "\n" + &after;
        assert_eq!(
            lacks(&emptied),
            [(
                Lack::Content,
                "3. Current state".into(),
                "## 3. Current state".into()
            )],
            "{nothing}"
        );
    }
    for something in [
        "x",
        "`x`",
        "<b>x</b>",
        "> x",
        "```\nx\n```",
        "| A |\n|---|\n| x |",
        "### Sub\n\nx",
    ] {
        let filled = before.clone() + "## 7.3 Current state\n\n" + something + "\n\n" + &after;
        assert_eq!(lacks(&filled), [], "{something}");
    }
    assert_eq!(
        lacks(&text.replace("## 3. Current state", "## 3. current state")).len(),
        1
    );
    assert_eq!(
        lacks(&text.replace("## 3. Current state", "### 3. Current state"))[0].0,
        Lack::Section
    );
}

#[test]
fn the_item_table_begins_with_the_columns_of_the_form() {
    let text = cr();
    assert_eq!(
        lacks(
            &text
                .replace("| Evidence |\n|----|", "| Evidence | More |\n|---|----|")
                .replace("[EVIDENCE] |", "[EVIDENCE] | x |")
        ),
        []
    );
    let found = lacks(&text.replace("| Task |", "| What |"));
    assert!(
        matches!(&found[0].0, Lack::Columns { found, .. } if found[1] == "What"),
        "{found:?}"
    );
    assert!(found[0].2.starts_with("EI | What") && found[0].2.ends_with("Evidence"));
    let start = text.find("| EI |").expect("a table");
    let end = text.find("## 10.").expect("a heading");
    let gone = text[..start].to_owned() + "None.\n\n" + &text[end..];
    assert_eq!(
        lacks(&gone),
        [(
            Lack::ItemTable,
            "9. Implementation plan".into(),
            "## 9. Implementation plan".into()
        )]
    );
}

#[test]
fn a_form_closes_what_is_not_plainly_open() {
    let open = |text: &str| Form::of(&Body::read(&format!("## S\n\n{text}\n"), 0)).sections[0].open;
    for text in [
        "[AB]",
        "<!-- how -->\n\n[AB] [CD]\n\n---",
        "| A |\n|---|\n| [AB] |",
        "[AB]\n\n[CD]",
    ] {
        assert!(open(text), "{text}");
    }
    for text in [
        "",
        "<!-- how -->",
        "[AB] x",
        "`[AB]`",
        "{{AB}}",
        "> [AB]",
        "[AB](x)",
        "<b>[AB]</b>",
        "| A |\n|---|\n| x |",
        "| A |\n|---|",
        "[AB]\n\n```\nx\n```",
        "[AB]\n\n[//]: # (x)",
    ] {
        assert!(!open(text), "{text}");
    }
}

#[test]
fn instructions_are_known_however_they_are_set() {
    let form = Form::of(&Body::read(
        "## S\n\n<!-- Say\n  why. -->\n\nx <!--b-->\n",
        0,
    ));
    let body = Body::read("## S\n\n<!--Say why.-->\n\n<!-- other -->\n", 0);
    let known: Vec<bool> = body
        .oddities
        .iter()
        .map(|o| matches!(&o.what, Odd::Comment(text) if form.is_instruction(text)))
        .collect();
    assert_eq!(known, [true, false]);
}

#[test]
fn a_column_is_open_where_every_row_of_the_template_leaves_it() {
    let form = Form::of(&Body::read(
        "## S\n\n| Id | A | B | C | R |\n|---|---|---|---|---|\n| X-1 | [NOTE] | [NOTE] | | [OUTCOME] |\n| X-2 | [NOTE] | b | | [OUTCOME] |\n",
        0,
    ));
    let items = form.items.as_ref().expect("an item table");
    let roles: Vec<Role> = items.columns.iter().map(|c| c.role).collect();
    assert_eq!(
        roles,
        [
            Role::Id,
            Role::Open,
            Role::Static,
            Role::Static,
            Role::Outcome
        ]
    );
    assert_eq!(
        (items.prefix.as_str(), items.column(Role::Outcome)),
        ("X-", Some(4))
    );
}
