//! How far a long answer has come, on stderr: on a terminal a line that is redrawn and goes away, elsewhere one line a
//! phase. Nothing is said about what takes less than a second.

use std::cell::{Cell, RefCell};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// The most items between two looks at the clock; after a look that came late the next item is timed again.
const EVERY: usize = 256;
const LATE: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(1);
const REDRAW: Duration = Duration::from_millis(100);

thread_local! {
    /// Letters of the line that stands on the terminal.
    static SHOWN: Cell<usize> = const { Cell::new(0) };
}

/// Takes the line away, before anything else is written.
pub(super) fn erase() {
    let shown = SHOWN.take();
    if shown > 0 {
        // Blanks, since not every terminal knows how to clear a line.
        let _ = write!(std::io::stderr(), "\r{}\r", " ".repeat(shown));
    }
}

/// What a session tells how far it has come.
pub(super) fn listener() -> impl Fn(&str, usize, Option<usize>) {
    let began = Instant::now();
    let terminal = std::io::stderr().is_terminal();
    let progress = RefCell::new(Progress::new(terminal, move || began.elapsed()));
    move |what, done, total| {
        let Some(line) = progress.borrow_mut().told(what, done, total) else {
            return;
        };
        erase();
        let _ = std::io::stderr().write_all(line.as_bytes());
        if terminal {
            SHOWN.set(line.chars().count());
        }
    }
}

/// What there is to say, by a clock that starts with the command.
struct Progress<C> {
    clock: C,
    terminal: bool,
    phase: String,
    since: Duration,
    /// Items until the next look, and from that one on.
    wait: usize,
    stride: usize,
    looked: Duration,
    /// When something was last said: in this phase, or on this terminal.
    said: Option<Duration>,
}

impl<C: Fn() -> Duration> Progress<C> {
    fn new(terminal: bool, clock: C) -> Progress<C> {
        Progress {
            clock,
            terminal,
            phase: String::new(),
            since: Duration::ZERO,
            wait: 0,
            stride: 1,
            looked: Duration::ZERO,
            said: None,
        }
    }

    fn told(&mut self, what: &str, done: usize, total: Option<usize>) -> Option<String> {
        let begins = self.phase != what;
        if !begins && self.wait > 0 {
            self.wait -= 1;
            return None;
        }
        let now = (self.clock)();
        if begins {
            what.clone_into(&mut self.phase);
            self.since = now;
            self.said = self.said.filter(|_| self.terminal);
        }
        let fast = !begins && now - self.looked < LATE;
        self.stride = if fast { EVERY.min(self.stride * 2) } else { 1 };
        (self.wait, self.looked) = (self.stride - 1, now);
        let of = total.map(|t| format!(" of {t}")).unwrap_or_default();
        let line = format!("{what}: {done}{of}");
        if self.terminal {
            let due = self.said.map_or(PATIENCE, |said| said + REDRAW);
            (now >= due).then(|| {
                self.said = Some(now);
                line
            })
        } else {
            let due = self.said.is_none() && now >= self.since + PATIENCE;
            due.then(|| {
                self.said = Some(now);
                line + "\n"
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said about items that take that many milliseconds each, and how often the clock was asked.
    fn play(terminal: bool, items: usize, millis: u64) -> (Vec<String>, usize) {
        let (asked, at) = (Cell::new(0), Cell::new(Duration::ZERO));
        let mut progress = Progress::new(terminal, || {
            asked.set(asked.get() + 1);
            at.get()
        });
        let mut said = Vec::new();
        for done in 0..items {
            at.set(at.get() + Duration::from_millis(millis));
            said.extend(progress.told("judged", done, Some(items)));
        }
        drop(progress);
        (said, asked.get())
    }

    #[test]
    fn nothing_is_said_in_the_first_second() {
        for terminal in [true, false] {
            assert_eq!(play(terminal, 199, 5).0, Vec::<String>::new());
            assert_eq!(play(terminal, 2, 490).0, Vec::<String>::new());
        }
    }

    #[test]
    fn a_terminal_sees_it_move() {
        let (said, _) = play(true, 400, 5);
        assert!((8..=12).contains(&said.len()), "{said:?}");
        assert_eq!(
            play(true, 4, 600).0,
            ["judged: 1 of 4", "judged: 2 of 4", "judged: 3 of 4"]
        );
    }

    #[test]
    fn the_clock_is_seldom_asked_about_what_is_fast() {
        assert!(play(true, 100_000, 0).1 < 100_000 / EVERY + 20);
    }

    #[test]
    fn elsewhere_a_phase_is_one_line() {
        assert_eq!(play(false, 2000, 5).0.len(), 1);
        let at = Cell::new(Duration::ZERO);
        let mut progress = Progress::new(false, || at.get());
        let mut said = Vec::new();
        for phase in ["read", "judged"] {
            for done in 0..3 {
                said.extend(progress.told(phase, done, None));
                at.set(at.get() + Duration::from_secs(1));
            }
        }
        assert_eq!(said, ["read: 1\n", "judged: 1\n"]);
    }
}
