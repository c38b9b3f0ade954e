//! The matrix as people ask for it again and again: a file that is as it was is not read anew, and a requirement is judged
//! anew only where something changed that its verdict follows from.

use std::collections::HashSet;
use std::mem::forget;

use anyhow::Result;

use self::plan::{Ground, Plan};
use super::evidence::store::Store;
use super::evidence::told::{Held, Told, elsewhere};
use super::remembered::Remembered;
use super::session::Session;
use super::trace::{self, Asked, Subject};
use crate::git::tagged::{Found, Part};
use crate::model::trace::gathered::Gathered;
use crate::model::trace::matrix::Matrix;
use crate::model::trace::memory::Key;
use crate::model::trace::memory::marks::Marks;
use crate::model::trace::requirement::Requirements;
use crate::model::trace::verdict::Binding;

mod plan;
mod seen;

/// Shows the matrix of each system that is asked for. What was found is kept for the next time meanwhile.
pub fn look<T>(session: &Session, asked: &Asked, show: impl FnOnce(&[Matrix]) -> T) -> Result<T> {
    let mut kept = Vec::new();
    let folder = session.repo.git_dir();
    let all = trace::each(session, asked, |name, subject| {
        let (subject, by) = std::thread::scope(|scope| {
            let by = scope.spawn(|| Remembered::open(folder, name));
            (subject(), by.join())
        });
        let subject = subject?;
        let Some(by) = by.ok().flatten() else {
            kept.push(None);
            return subject.matrix();
        };
        let (matrix, keys) = matrix(&subject, &by)?;
        kept.push(Some((by, keys)));
        forget(subject);
        Ok(matrix)
    })?;
    let shown = std::thread::scope(|scope| {
        for (kept, matrix) in kept.iter().zip(&all) {
            if let Some((by, keys)) = kept {
                scope.spawn(move || keep(by, keys, matrix));
            }
        }
        show(&all)
    });
    // A look is the last that its process does: nothing is gained by taking apart what it read.
    forget((all, kept));
    Ok(shown)
}

/// Keeps rows by their keys, of those that were judged anew, and what else was read.
fn keep(by: &Remembered, keys: &[Option<Key>], matrix: &Matrix) {
    for (key, row) in keys.iter().zip(&matrix.requirements) {
        if let Some(key) = key {
            let mut bytes = Vec::new();
            row.pack_found(&mut bytes);
            by.put(*key, bytes);
        }
    }
    by.keep();
}

/// The results of tests, as far as they are read before it is known what has to be judged.
enum Results {
    All(Option<Gathered>, Marks),
    /// Of this state.
    Own(Told),
    /// Of another one.
    Other(Option<Gathered>, Held),
}

impl Results {
    fn of(subject: &Subject<'_>, store: &Store<'_>, by: &Remembered) -> Result<Results> {
        let told = store.told(subject.name, &subject.digest)?;
        if by.is_empty() {
            let (gathered, marks) = store.gathered(&told)?;
            return Ok(Results::All(gathered, marks));
        }
        Ok(match store.other(&told)? {
            _ if told.is_bound() => Results::Own(told),
            Some((last, marks)) => Results::Other(elsewhere(last), marks),
            None => Results::All(None, Marks::new()),
        })
    }

    fn ground(&self) -> Ground<'_> {
        match self {
            Results::Own(_) => Ground::Own,
            Results::All(Some(all), _) | Results::Other(Some(all), _) => match &all.binding {
                Binding::Other(which) => Ground::Other(which, all.speaks_of_tests()),
                _ => Ground::Own,
            },
            _ => Ground::None,
        }
    }

    fn read(
        self,
        store: &Store<'_>,
        read: &Requirements,
        plan: &Plan,
    ) -> Result<(Option<Gathered>, Marks)> {
        match self {
            Results::All(gathered, marks) => Ok((gathered, marks)),
            Results::Own(_) if plan.is_done(read) => {
                Ok((Some(Gathered::nothing(Binding::Same)), Marks::new()))
            }
            Results::Own(told) => store.gathered(&told),
            Results::Other(gathered, marks) => {
                let judged: HashSet<&str> = plan.judged(read).collect();
                Ok((gathered, marks.of(|id| judged.contains(id))?))
            }
        }
    }
}

/// The matrix, with the keys of its rows where they are new.
fn matrix(subject: &Subject<'_>, by: &Remembered) -> Result<(Matrix, Vec<Option<Key>>)> {
    let store = Store::of(subject.repo).remembering(Some(by));
    let (parts, ids) = (&subject.parts, subject.system.ids.as_str());
    let asked = |part: &Part, read: &dyn Fn() -> Found| seen::seen(by, ids, part, read);
    let meanwhile = || {
        subject.requirements(Some(by))?;
        Results::of(subject, &store, by)
    };
    let (seen, results) = subject
        .repo
        .tagged_meanwhile(parts, ids, &asked, meanwhile)?;
    let (read, results) = (subject.requirements(Some(by))?, results?);
    let ground = plan::ground(subject, store.tip, results.ground());
    let plan = Plan::of(by, &subject.approved, &ground, read, &seen);
    let Some(files) = seen::files(seen, &plan.matter) else {
        // What is remembered is not what it says it is.
        return Ok((subject.matrix()?, Vec::new()));
    };
    let (gathered, marks) = results.read(&store, read, &plan)?;
    subject.files.get_or_init(|| files);
    let judged = subject.judged(&store, gathered.as_ref(), marks, plan.known)?;
    Ok((judged.matrix, plan.keys))
}
