//! What the documents of a type are made of, as text and for programs: sections, which of them are open during
//! execution, the columns of the item table, and who says so.

use schemars::JsonSchema;
use serde::Serialize;

use super::columns::columns;
use crate::model::body::Form;
use crate::model::body::form::{self, Origin, Role};
use crate::model::house::TypeRules;
use crate::model::kind::Kind;
use crate::model::version::Version;

/// The answer of `qms workflow show TYPE --sections`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Sections {
    pub r#type: &'static str,
    pub title: &'static str,
    /// `TEMPLATE-CR 1.0`, the template in force with its version; or `built-in`.
    pub template: String,
    /// The template's in its order, then what the policy asks for or opens.
    pub sections: Vec<Section>,
    /// Null where nothing is carried out item by item.
    pub items: Option<Items>,
    /// What the policy says and what does nothing here.
    pub idle: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Section {
    /// The heading, with its number.
    pub section: String,
    /// The titles from the top, without numbers: what it is known by.
    pub path: Vec<String>,
    pub level: u8,
    /// Whether every document must have it.
    pub required: bool,
    /// Whether its text may change during execution.
    pub open: bool,
    /// Who says that documents have it: the template or `policy`.
    pub from: String,
    /// Who says that it is open; null where it is frozen.
    pub opened_by: Option<String>,
}

/// The item table.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Items {
    pub section: String,
    /// What the ids of its rows begin with.
    pub id: String,
    pub columns: Vec<Column>,
    /// What an item may end in.
    pub outcomes: &'static [&'static str],
    /// The type of the child that takes over an item that failed.
    pub taken_over_by: Option<&'static str>,
    /// Who says that it is the item table.
    pub from: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Column {
    pub title: String,
    pub role: &'static str,
    /// What changes its cells during execution: `item` alone, `edit` or `item`, or nothing.
    pub changed_by: &'static [&'static str],
    /// Who says what it is for.
    pub from: String,
}

const POLICY: &str = "policy";
const BUILT_IN: &str = "built-in";

/// The form of a type: of the template's `version`, or the built-in one, is `plain`; `house` is what the policy puts on
/// top.
pub fn sections(
    kind: &Kind,
    version: Option<Version>,
    plain: &Form,
    form: &Form,
    house: Option<&TypeRules>,
) -> Sections {
    let template = match version {
        Some(version) => format!("TEMPLATE-{} {version}", kind.name),
        None => BUILT_IN.to_owned(),
    };
    let by = |policy: bool| if policy { POLICY } else { &template }.to_owned();
    let section = |(at, part): (usize, &form::Part)| {
        let opened = !plain.sections.get(at).is_some_and(|p| p.open);
        Section {
            section: part.shown.clone(),
            path: part.identity.path.clone(),
            level: part.level,
            required: part.origin != Origin::Opened,
            open: part.open,
            from: by(part.origin != Origin::Template),
            opened_by: part.open.then(|| by(opened)),
        }
    };
    let named = |column: &form::Column| {
        let table = house.and_then(|h| h.items.as_ref());
        table.is_some_and(|t| t.columns.get(&column.role) == Some(&column.title))
    };
    let told = |column: &form::Column| {
        let before = plain.items.as_ref();
        before.is_some_and(|i| i.columns.contains(column))
    };
    let items = form.items.as_ref().map(|items| Items {
        section: form.sections[items.section].shown.clone(),
        id: items.prefix.clone(),
        columns: items
            .columns
            .iter()
            .map(|column| Column {
                title: column.title.clone(),
                role: column.role.as_str(),
                changed_by: changed_by(column.role),
                from: by(named(column) && !told(column)),
            })
            .collect(),
        outcomes: kind.outcomes,
        taken_over_by: kind.taken_over_by,
        from: by(plain.items.is_none()),
    });
    let idle = house.map_or_else(Vec::new, |house| plain.idle(house));
    Sections {
        r#type: kind.name,
        title: kind.title,
        sections: form.sections.iter().enumerate().map(section).collect(),
        items,
        idle: idle.into_iter().map(|idle| idle.why).collect(),
        template,
    }
}

fn changed_by(role: Role) -> &'static [&'static str] {
    match role {
        _ if !role.is_open() => &[],
        _ if role.is_item_only() => &["item"],
        _ => &["edit", "item"],
    }
}

pub fn text(shown: &Sections) -> String {
    let Sections {
        r#type,
        title,
        template,
        ..
    } = shown;
    let template = match template.as_str() {
        BUILT_IN => "the built-in template",
        named => named,
    };
    let mut out = format!("{type}, {title}: by {template}\n\n");
    let rows: Vec<Vec<String>> = shown.sections.iter().map(row).collect();
    out.push_str(&columns(&rows));
    match &shown.items {
        Some(items) => out.push_str(&table(items)),
        None => out.push_str("\nno item table\n"),
    }
    for idle in &shown.idle {
        out.push_str(&format!("\nof no effect in the policy: {idle}\n"));
    }
    out
}

fn row(section: &Section) -> Vec<String> {
    let indent = "  ".repeat(usize::from(section.level).saturating_sub(2));
    let from = match &section.opened_by {
        Some(by) if *by != section.from => format!("{}, opened by {by}", section.from),
        _ if !section.required => format!("{}, where a document has it", section.from),
        _ => section.from.clone(),
    };
    vec![
        format!("{indent}{}", section.section),
        if section.open { "open" } else { "frozen" }.to_owned(),
        from,
    ]
}

fn table(items: &Items) -> String {
    let rows: Vec<Vec<String>> = items
        .columns
        .iter()
        .map(|column| {
            let open = match column.changed_by {
                [] => "frozen",
                ["item"] => "open to item alone",
                _ => "open",
            };
            vec![
                format!("  {}", column.title),
                column.role.to_owned(),
                open.to_owned(),
                column.from.clone(),
            ]
        })
        .collect();
    let mut out = format!(
        "\nitem table in {} ({}), rows {}1, {}2, …\n{}\nan item ends in {}",
        items.section,
        items.from,
        items.id,
        items.id,
        columns(&rows),
        match items.outcomes {
            [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
            [] => "nothing".to_owned(),
        }
    );
    if let Some(by) = items.taken_over_by {
        out.push_str(&format!("; what failed is taken over by a child: {by}"));
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::body::Body;
    use crate::model::kind::KINDS;
    use crate::model::template;

    fn built_in(name: &str) -> Sections {
        let kind = Kind::of(name).expect("a type");
        let form = template::built_in_form(kind);
        sections(kind, None, &form, &form, None)
    }

    #[test]
    fn a_form_is_shown_with_its_item_table() {
        insta::assert_snapshot!(text(&built_in("TP")), @r"
        TP, test protocol: by the built-in template

        1. Purpose             frozen  built-in
        2. Preconditions       frozen  built-in
        3. Test steps          frozen  built-in
        4. Execution comments  open    built-in
        5. Test summary        open    built-in

        item table in 3. Test steps (built-in), rows TS-1, TS-2, …
          Step          id         frozen              built-in
          Action        static     frozen              built-in
          Expected      static     frozen              built-in
          Outcome       outcome    open to item alone  built-in
          Actual        summary    open                built-in
          Performed by  performer  open to item alone  built-in
          Time          time       open to item alone  built-in

        an item ends in Pass, Fail or Not run; what failed is taken over by a child: ER
        ");
        insta::assert_snapshot!(text(&built_in("VR")), @r"
        VR, verification record: by the built-in template

        1. What is verified     open  built-in
        2. How it was verified  open  built-in
        3. Observations         open  built-in
        4. Conclusion           open  built-in

        no item table
        ");
    }

    #[test]
    fn it_says_who_says_so() {
        let kind = Kind::of("CR").expect("a type");
        let template = "## 1. Plan\n\n| EI | Task | Result | Note |\n|--|--|--|--|\n| EI-1 | {{T}} | [Pass/Fail] | [NOTE] |\n\n\
                        ### 1.1 Comments\n\nNone\n\n## 2. Summary\n\n[SUMMARY]\n";
        let plain = Form::of(&Body::read(template, 0));
        let house = TypeRules {
            open: ["Comments", "Remarks"].map(str::to_owned).to_vec(),
            sections: ["Risks"].map(str::to_owned).to_vec(),
            items: Some(crate::model::house::ItemTable {
                section: "Plan".to_owned(),
                prefix: None,
                columns: [(Role::Outcome, "Result".to_owned())].into(),
            }),
        };
        let form = plain.adjusted(&house);
        let version = Version { major: 2, minor: 0 };
        let shown = sections(kind, Some(version), &plain, &form, Some(&house));
        insta::assert_snapshot!(text(&shown), @r"
        CR, change record: by TEMPLATE-CR 2.0

        1. Plan         frozen  TEMPLATE-CR 2.0
          1.1 Comments  open    TEMPLATE-CR 2.0, opened by policy
        2. Summary      open    TEMPLATE-CR 2.0
        Risks           frozen  policy
        Remarks         open    policy, where a document has it

        item table in 1. Plan (policy), rows EI-1, EI-2, …
          EI      id       frozen              TEMPLATE-CR 2.0
          Task    static   frozen              TEMPLATE-CR 2.0
          Result  outcome  open to item alone  policy
          Note    open     open                TEMPLATE-CR 2.0

        an item ends in Pass or Fail; what failed is taken over by a child: VAR
        ");
    }

    #[test]
    fn every_type_is_shown_whole() {
        for kind in KINDS {
            let shown = built_in(kind.name);
            let text = text(&shown);
            for section in &shown.sections {
                assert!(text.contains(&section.section), "{text}");
                assert_eq!(section.open, section.opened_by.is_some());
            }
            let outcomes = shown.items.as_ref().map_or(&[][..], |i| i.outcomes);
            assert_eq!(outcomes, kind.outcomes, "{}", kind.name);
            assert!(shown.idle.is_empty());
        }
    }
}
