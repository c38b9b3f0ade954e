//! Documents of a made-up history: texts from the templates in force, and each move as the library computes it, so that
//! whoever judges the history finds nothing.

use qms::model::apply::{self, Step};
use qms::model::document::Document;
use qms::model::kind::{Id, Kind};
use qms::model::policy::Policy;
use qms::model::round::Policies;
use qms::model::state::{State, Version};
use qms::model::template;
use qms::model::trailer::{Key, Trailers};
use qms::model::workflow::{self, Action, Status};

pub(super) const INITIATORS: [&str; 3] = ["dev", "eve", "claude"];
const QUALITY: [&str; 2] = ["qa", "qb"];
/// Bytes of a document, about.
const SIZE: usize = 8 * 1024;

/// The same numbers in every run (splitmix64).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    pub(super) fn sentence(&mut self) -> String {
        const WORDS: [&str; 24] = [
            "the", "line", "valve", "reads", "after", "each", "sample", "when", "pressure",
            "falls", "below", "limit", "operator", "records", "value", "before", "batch", "leaves",
            "filter", "holds", "until", "release", "of", "parts",
        ];
        let mut out = String::from("So");
        for _ in 0..8 + self.below(9) {
            out.push(' ');
            out.push_str(self.pick::<&str>(&WORDS));
        }
        out + "."
    }

    fn paragraph(&mut self, bytes: usize) -> String {
        let mut out = self.sentence();
        while out.len() < bytes {
            out.push('\n');
            out.push_str(&self.sentence());
        }
        out
    }
}

/// By what documents are made and moved.
pub(super) struct Office {
    pub(super) policy: Policy,
    pub(super) change: Document,
    pub(super) procedure: Document,
}

/// A document, and the moves that it has before it.
pub(super) struct Paper {
    pub(super) id: Id,
    /// None until it is created.
    pub(super) document: Option<Document>,
    scope: Vec<String>,
    /// The next one last.
    plan: Vec<(Action, &'static str)>,
}

/// A move that was made.
pub(super) struct Moved {
    pub(super) actor: &'static str,
    pub(super) message: String,
}

impl Paper {
    pub(super) fn planned(kind: &str, number: usize, scope: Vec<String>) -> Paper {
        let kind = Kind::of(kind).expect("a kind");
        let number = u32::try_from(number).expect("a small number");
        let id = Id::numbered(kind, None, number);
        Paper {
            id,
            document: None,
            scope,
            plan: Vec::new(),
        }
    }

    /// The document as it stands where the history begins.
    pub(super) fn found(mut self, office: &Office, random: &mut Random, status: Status) -> Paper {
        let owner = (!status.is_final()).then(|| (*random.pick(&INITIATORS)).to_owned());
        let state = State {
            owner,
            ..State::bare(status, Version::ONE)
        };
        let text = self.text(office, random);
        self.document = Some(Document::from_text(&text, state).expect("a document"));
        self
    }

    pub(super) fn status(&self) -> Option<Status> {
        self.document.as_ref().map(|d| d.state.status)
    }

    pub(super) fn rests(&self) -> bool {
        self.plan.is_empty()
    }

    pub(super) fn path(&self, office: &Office) -> String {
        self.id.path(&office.policy.folder).to_string()
    }

    /// What is usual from where it stands: a birth, a revision, or a piece of its execution.
    pub(super) fn begin(&mut self, random: &mut Random) {
        let who = *random.pick(&INITIATORS);
        let mut plan = match self.status() {
            None => vec![
                (Action::Create, who),
                (Action::Edit, who),
                (Action::Checkin, who),
            ],
            Some(Status::InExecution) if random.below(2) == 0 => {
                vec![(Action::Item, who); 1 + random.below(2)]
            }
            Some(_) => vec![
                (Action::Checkout, who),
                (Action::Edit, who),
                (Action::Checkin, who),
            ],
        };
        if self.status() != Some(Status::InExecution) {
            plan.push((Action::RouteReview, who));
            plan.extend(QUALITY.map(|q| (Action::Review, q)));
            plan.push((Action::RouteApproval, who));
            plan.extend(QUALITY.map(|q| (Action::Approve, q)));
        }
        if self.document.is_none() {
            plan.push((Action::Release, who));
        }
        plan.reverse();
        self.plan = plan;
    }

    /// Makes the next move of the plan. `day` is that of the commit, as a cell has it.
    pub(super) fn step(&mut self, office: &Office, random: &mut Random, day: &str) -> Moved {
        let (action, actor) = self.plan.pop().expect("a plan");
        let item = format!("EI-{}", 1 + random.below(2));
        let before = self.document.take();
        let text = match (action, &before) {
            (Action::Create, _) => self.text(office, random),
            (Action::Edit, Some(old)) => edited(old, random).into_bytes(),
            (Action::Item, Some(old)) => {
                let cells = [
                    "Pass",
                    &random.sentence(),
                    actor,
                    day,
                    &format!("`{}`", self.file()),
                ];
                performed(old, &item, &cells).into_bytes()
            }
            (_, Some(old)) => old.text(),
            (_, None) => panic!("{} is not there", self.id),
        };
        let born = State::bare(workflow::birth(self.id.kind()), Version::FIRST);
        let old = before.as_ref().map_or(born, |d| d.state.clone());
        let written = Document::from_text(&text, old).expect("a document");
        let mut says = vec![
            (Key::Action, action.as_str().to_owned()),
            (Key::Document, self.id.to_string()),
            (Key::Actor, actor.to_owned()),
        ];
        says.extend(before.as_ref().map(|d| (Key::Before, d.file_digest())));
        match action {
            Action::Review => says.push((Key::Outcome, "recommend".to_owned())),
            Action::Item => says.push((Key::Item, item)),
            _ => {}
        }
        let mut trailers = Trailers::new(says);
        let blob = before
            .as_ref()
            .map_or_else(String::new, |d| super::blob_id(d.bytes()));
        let step = Step {
            id: &self.id,
            action,
            actor,
            co_authors: &[],
            trailers: &trailers.clone(),
            policies: Policies {
                acting: &office.policy,
                asking: &office.policy,
            },
            before: before.as_ref(),
            blob: &blob,
            after: &written,
            under: None,
        };
        let state = step.apply().expect("a move of the workflow");
        apply::complete(&mut trailers, action, before.as_ref(), &state);
        let title = &written.front.title;
        let mut words = format!(
            "{} {}: {title}",
            self.id,
            action.as_str().replace('-', " for ")
        );
        if action == Action::Review {
            words.push_str(&format!("\n\n{}", random.sentence()));
        }
        let message = trailers.write(&words).expect("trailers that can be read");
        self.document = Some(Document::parse(written.with_state(&state)).expect("a document"));
        Moved { actor, message }
    }

    /// A file that is always there in the first folder of its scope.
    fn file(&self) -> String {
        let home = self.scope[0].trim_end_matches("/**");
        format!("{home}/file00{}.rs", &home[home.len() - 2..])
    }

    /// A text of the usual size, nothing left to fill in.
    fn text(&self, office: &Office, random: &mut Random) -> Vec<u8> {
        let template = if self.id.kind().has_scope {
            &office.change
        } else {
            &office.procedure
        };
        let title = format!("Change of part {}", random.below(10_000));
        let text =
            template::instantiate(template, &self.id, &title, &self.scope, &[]).expect("a title");
        let text = String::from_utf8(text).expect("UTF-8");
        let sections = text.lines().filter(|l| l.starts_with("{{")).count();
        let each = SIZE.saturating_sub(text.len()) / sections.max(1);
        let mut out = String::with_capacity(SIZE);
        for line in text.lines() {
            match (line.find("{{"), line.find("}}")) {
                (Some(0), _) => out.push_str(&random.paragraph(each)),
                (Some(from), Some(to)) => {
                    out.push_str(&line[..from]);
                    out.push_str(&random.sentence());
                    out.push_str(&line[to + 2..]);
                }
                _ => out.push_str(line),
            }
            out.push('\n');
        }
        out.into_bytes()
    }
}

/// Another sentence: in execution in the open part alone, else anywhere, and a summary that says so.
fn edited(old: &Document, random: &mut Random) -> String {
    let text = String::from_utf8(old.text()).expect("UTF-8");
    if old.state.status == Status::InExecution {
        let heading = "Execution summary\n\n";
        let at = text.find(heading).expect("the open part") + heading.len();
        return format!("{}{}\n", &text[..at], random.sentence());
    }
    let summary = format!(
        "revision_summary: Version {} says {}",
        old.state.version,
        random.below(1_000_000)
    );
    let mut lines: Vec<&str> = text.lines().collect();
    let at = lines
        .iter()
        .position(|l| l.starts_with("revision_summary:"))
        .expect("a summary");
    lines[at] = &summary;
    let prose: Vec<usize> = (0..lines.len())
        .filter(|n| lines[*n].starts_with("So "))
        .collect();
    let sentence = random.sentence();
    lines[*random.pick(&prose)] = &sentence;
    lines.join("\n") + "\n"
}

/// The open cells of an item, filled in.
fn performed(old: &Document, item: &str, cells: &[&str]) -> String {
    let text = String::from_utf8(old.text()).expect("UTF-8");
    let begin = format!("| {item} |");
    let row = text.lines().find(|l| l.starts_with(&begin));
    let row = row.expect("an item");
    let kept: Vec<&str> = row.split('|').take(4).collect();
    let filled = format!("{}| {} |", kept.join("|"), cells.join(" | "));
    text.replacen(row, &filled, 1)
}
