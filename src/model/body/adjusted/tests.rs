//! Templates with other titles than the built-in ones, and what a house says of them.

use super::super::Body;
use super::super::form::Lack;
use super::*;

/// Like the templates of a house that came before: outcomes are `[Pass/Fail]`, which is no placeholder.
const TEMPLATE: &str = "\
# CR-XXX: {{TITLE}}

## 1. Purpose

{{PURPOSE}}

## 2. Scope

### 2.1 Files Affected

{{FILES}}

## 7. Impact Assessment

### 7.1 Files Affected

{{FILES}}

## 10. Execution

| EI | Task Description | VR | Execution Summary | Task Outcome | Performed By | Date |
|----|------------------|----|-------------------|--------------|--------------|------|
| EI-1 | {{DESCRIPTION}} | | [SUMMARY] | [Pass/Fail] | [PERFORMER] | [DATE] |

### Execution Comments

| Comment | Performed By - Date |
|---------|---------------------|
| [COMMENT] | [PERFORMER] - [DATE] |

## 11. Execution Summary

[EXECUTION_SUMMARY]
";

/// The same, filled in.
fn document() -> String {
    TEMPLATE
        .replace("{{TITLE}}", "A")
        .replace("{{DESCRIPTION}}", "Do it")
        .replace("{{PURPOSE}}", "To do it")
        .replace("{{FILES}}", "One")
}

fn form(template: &str) -> Form {
    Form::of(&Body::read(template, 0))
}

fn rules(open: &[&str], sections: &[&str]) -> TypeRules {
    let owned = |titles: &[&str]| titles.iter().map(|t| (*t).to_owned()).collect();
    TypeRules {
        open: owned(open),
        sections: owned(sections),
        items: None,
    }
}

fn table(section: &str, columns: &[(Role, &str)]) -> TypeRules {
    let columns = columns
        .iter()
        .map(|(role, title)| (*role, (*title).to_owned()));
    TypeRules {
        items: Some(ItemTable {
            section: section.to_owned(),
            prefix: Some("EI-".to_owned()),
            columns: columns.collect(),
        }),
        ..TypeRules::default()
    }
}

fn columns(form: &Form) -> Vec<(&str, Role)> {
    let items = form.items.as_ref().expect("an item table");
    items
        .columns
        .iter()
        .map(|c| (c.title.as_str(), c.role))
        .collect()
}

fn open(form: &Form) -> Vec<&str> {
    let open = form.sections.iter().filter(|p| p.open);
    open.map(|p| p.shown.as_str()).collect()
}

fn lacks(form: &Form, text: &str) -> Vec<(Lack, String)> {
    let missing = form.missing(&Body::read(text, 0));
    missing.into_iter().map(|m| (m.what, m.section)).collect()
}

#[test]
fn nothing_said_changes_nothing() {
    let form = form(TEMPLATE);
    assert_eq!(form.adjusted(&TypeRules::default()), form);
    assert_eq!(form.items, None);
    assert_eq!(open(&form), ["11. Execution Summary"]);
}

#[test]
fn a_section_is_opened_by_its_title() {
    let form = form(TEMPLATE);
    let house = rules(&["Execution Comments", "Remarks", "Files Affected"], &[]);
    let adjusted = form.adjusted(&house);
    assert_eq!(
        open(&adjusted),
        ["Execution Comments", "11. Execution Summary", "Remarks"]
    );
    // Nobody has to have what is only opened.
    assert_eq!(lacks(&adjusted, &document()), []);
    let [Idle { key, title, why }] = &form.idle(&house)[..] else {
        panic!("{:?}", form.idle(&house));
    };
    assert_eq!((*key, title.as_str()), ("open", "Files Affected"));
    assert!(why.contains("2 sections"), "{why}");
}

#[test]
fn a_section_more_is_asked_for_wherever_it_stands() {
    let form = form(TEMPLATE);
    let adjusted = form.adjusted(&rules(&["Risks"], &["Risks", "Purpose"]));
    assert_eq!(adjusted.sections.len(), form.sections.len() + 1);
    assert_eq!(open(&adjusted), ["11. Execution Summary", "Risks"]);
    let text = document();
    assert_eq!(
        lacks(&adjusted, &text),
        [(Lack::Section, "Risks".to_owned())]
    );
    for at in ["## 1. Purpose", "## 10. Execution\n"] {
        let with = |what: &str| text.replace(at, &format!("## Risks\n\n{what}\n\n{at}"));
        assert_eq!(lacks(&adjusted, &with("None")), []);
        assert_eq!(
            lacks(&adjusted, &with("<!-- none -->")),
            [(Lack::Content, "Risks".to_owned())]
        );
    }
    // What the template asks for is asked for as before.
    let cut = text.replace("## 1. Purpose", "## 1. Reason") + "\n## Risks\n\nNone\n";
    assert_eq!(
        lacks(&adjusted, &cut),
        [(Lack::Section, "1. Purpose".to_owned())]
    );
}

#[test]
fn the_item_table_is_told_where_no_placeholder_tells_it() {
    let form = form(TEMPLATE);
    let house = table(
        "Execution",
        &[(Role::Outcome, "Task Outcome"), (Role::Time, "Date")],
    );
    let adjusted = form.adjusted(&house);
    assert_eq!(form.idle(&house), []);
    assert_eq!(
        columns(&adjusted),
        [
            ("EI", Role::Id),
            ("Task Description", Role::Static),
            ("VR", Role::Vr),
            ("Execution Summary", Role::Summary),
            ("Task Outcome", Role::Outcome),
            ("Performed By", Role::Performer),
            ("Date", Role::Time),
        ]
    );
    assert_eq!(lacks(&adjusted, &document()), []);
    let body = document();
    let body = Body::read(&body, 0);
    assert_eq!(adjusted.items(&body).map(|t| t.rows.len()), Some(1));
    let rows = adjusted.openness().rows.expect("rows");
    let open: Vec<bool> = (0..8).map(|at| rows.is_open(at)).collect();
    assert_eq!(open, [false, false, false, true, true, true, true, false]);
}

#[test]
fn a_role_that_the_house_gives_elsewhere_is_taken_from_where_it_was() {
    let house = table(
        "Execution",
        &[
            (Role::Outcome, "Task Outcome"),
            (Role::Summary, "Date"),
            (Role::Vr, "Task Description"),
        ],
    );
    let adjusted = form(TEMPLATE).adjusted(&house);
    assert_eq!(
        columns(&adjusted)[1..4],
        [
            ("Task Description", Role::Vr),
            ("VR", Role::Static),
            ("Execution Summary", Role::Open)
        ]
    );
    assert_eq!(columns(&adjusted)[6], ("Date", Role::Summary));
}

#[test]
fn the_table_that_a_template_has_lost_is_still_asked_for() {
    for (section, title) in [
        ("Execution", "Result"),
        ("Plan", "Task Outcome"),
        ("Execution", "EI"),
    ] {
        let house = table(section, &[(Role::Outcome, title)]);
        let form = form(TEMPLATE);
        assert_eq!(form.idle(&house).len(), 1, "{section} {title}");
        let adjusted = form.adjusted(&house);
        let lacks = lacks(&adjusted, &document());
        match section {
            "Plan" => assert_eq!(lacks, [(Lack::Section, "Plan".to_owned())]),
            _ => assert!(matches!(lacks[0].0, Lack::Columns { .. }), "{lacks:?}"),
        }
        assert!(adjusted.items(&Body::read(&document(), 0)).is_none());
    }
}

#[test]
fn a_section_with_the_item_table_is_not_open_as_a_whole() {
    let all = TEMPLATE.replace(
        "| EI-1 | {{DESCRIPTION}} | | [SUMMARY] | [Pass/Fail]",
        "| [ID] | [TASK] | [VR] | [SUMMARY] | [OUTCOME]",
    );
    let form = form(&all);
    assert_eq!(open(&form), ["10. Execution", "11. Execution Summary"]);
    let adjusted = form.adjusted(&table("Execution", &[(Role::Outcome, "Task Outcome")]));
    assert_eq!(open(&adjusted), ["11. Execution Summary"]);
    assert_eq!(columns(&adjusted)[0], ("EI", Role::Id));
}

/// With an outcome that is a placeholder: the template itself tells its item table.
fn told() -> Form {
    form(
        &TEMPLATE
            .replace("[Pass/Fail]", "[OUTCOME]")
            .replace("[SUMMARY]", "[NOTES]"),
    )
}

#[test]
fn what_the_template_tells_of_its_item_table_stands() {
    let form = told();
    let house = table(
        "Execution",
        &[
            (Role::Outcome, "Date"),
            (Role::Summary, "Execution Summary"),
            (Role::Time, "Date"),
            (Role::Evidence, "Task Description"),
            (Role::Change, "Change"),
        ],
    );
    let adjusted = form.adjusted(&house);
    assert_eq!(
        columns(&adjusted)[1..],
        [
            ("Task Description", Role::Static),
            ("VR", Role::Vr),
            ("Execution Summary", Role::Summary),
            ("Task Outcome", Role::Outcome),
            ("Performed By", Role::Performer),
            ("Date", Role::Time),
        ]
    );
    let idle: Vec<String> = form.idle(&house).into_iter().map(|i| i.why).collect();
    assert_eq!(
        idle,
        [
            "`Date` is not the column of `outcome`: the template says that it is `Task Outcome`",
            "`Task Description` is not the column of `evidence`: the template says that it is frozen",
            "`Change` is no column of the template's item table",
        ]
    );
    let elsewhere = table("Scope", &[(Role::Outcome, "Task Outcome")]);
    assert_eq!(form.adjusted(&elsewhere), form);
    assert_eq!(form.idle(&elsewhere).len(), 1);
    let open = rules(&["Execution"], &[]);
    assert_eq!(form.adjusted(&open), form);
    assert_eq!(form.idle(&open).len(), 1);
}

mod whatever_a_house_says {
    use super::*;
    use proptest::prelude::*;

    const TITLES: &[&str] = &[
        "Purpose",
        "Scope",
        "Files Affected",
        "Execution",
        "Execution Comments",
        "Execution Summary",
        "Risks",
        "EI",
        "Task Description",
        "VR",
        "Task Outcome",
        "Performed By",
        "Date",
    ];

    fn titles() -> impl Strategy<Value = Vec<String>> {
        let title = proptest::sample::select(TITLES).prop_map(str::to_owned);
        proptest::collection::vec(title, 0..4)
    }

    fn house() -> impl Strategy<Value = TypeRules> {
        let column = (
            proptest::sample::select(super::super::super::super::house::ROLES),
            proptest::sample::select(TITLES),
        );
        let columns = proptest::collection::vec(column, 1..5);
        let items = proptest::option::of((proptest::sample::select(TITLES), columns));
        (titles(), titles(), items).prop_map(|(open, sections, items)| TypeRules {
            open,
            sections,
            items: items.map(|(section, columns)| ItemTable {
                section: section.to_owned(),
                prefix: None,
                columns: columns
                    .into_iter()
                    .map(|(r, t)| (r, t.to_owned()))
                    .collect(),
            }),
        })
    }

    /// Documents that lack this and that of the template.
    fn documents() -> impl Strategy<Value = String> {
        let cuts =
            proptest::collection::vec(proptest::bool::weighted(0.15), TEMPLATE.lines().count());
        cuts.prop_map(|cuts| {
            let lines = TEMPLATE.lines().zip(cuts).filter(|(_, cut)| !cut);
            lines.map(|(line, _)| format!("{line}\n")).collect()
        })
    }

    proptest! {
        #[test]
        fn a_document_lacks_no_less(house in house(), text in documents(), tells in any::<bool>()) {
            let plain = if tells { told() } else { form(TEMPLATE) };
            let adjusted = plain.adjusted(&house);
            let more = lacks(&adjusted, &text);
            for lack in lacks(&plain, &text) {
                prop_assert!(more.contains(&lack), "{lack:?} of {more:?}");
            }
        }

        #[test]
        fn only_what_is_named_is_opened(house in house(), tells in any::<bool>()) {
            let plain = if tells { told() } else { form(TEMPLATE) };
            let adjusted = plain.adjusted(&house);
            for (before, after) in plain.sections.iter().zip(&adjusted.sections) {
                prop_assert_eq!(&before.identity, &after.identity);
                let named = house.open.iter().any(|t| t == after.title());
                prop_assert!(before.open || !after.open || named);
            }
            if let (Some(before), Some(after)) = (&plain.items, &adjusted.items) {
                prop_assert_eq!(before.section, after.section);
                for (before, after) in before.columns.iter().zip(&after.columns) {
                    prop_assert_eq!(&before.title, &after.title);
                    prop_assert!(before.role.is_open() || !after.role.is_open());
                    prop_assert!(after.role.is_item_only() || !before.role.is_item_only());
                }
            }
        }
    }
}
