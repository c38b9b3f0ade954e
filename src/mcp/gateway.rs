//! One repository that is served: who may call, one writer at a time, and the same answer to the same request.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::lease::Leases;
use super::metrics::Metrics;
use super::progress::Watch;
use super::repeated::{self, Repeated};
use super::said::Said;
use super::tool::{Call, Kind, Tool};
use super::waiting::Waiting;
use super::{Options, asked, earlier, log};
use crate::ops::session::Seat;
use crate::ops::tokens::Tokens;
use crate::ops::{Session, is_lost, requests};

/// How often a writer who lost a race to another process tries again.
const TRIES: u64 = 40;

/// Who calls.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// None of whom nothing is proven: he may read.
    pub(crate) user: Option<String>,
    /// What he has shown, asked again at each call of a connection that lasts.
    pub(crate) token: Option<String>,
    /// What this instance of him calls itself.
    pub(crate) instance: Option<String>,
}

pub(crate) struct Gateway {
    root: PathBuf,
    /// Where the folders of agents are.
    workspaces: Option<PathBuf>,
    leases: Leases,
    /// The branch that is written here.
    branch: String,
    /// The same where it is not the one that is checked out: then no files follow it.
    apart: Option<String>,
    pub(crate) tokens: Tokens,
    pub(crate) metrics: Metrics,
    /// One writes at a time.
    pub(crate) turns: Semaphore,
    repeated: Repeated,
    pub(super) waiting: Waiting,
}

impl Gateway {
    /// Refuses what is no governed repository, or does not stand on the branch that is meant.
    pub(crate) fn open(options: &Options) -> Result<Gateway> {
        let root = std::path::absolute(&options.root)?;
        let workspaces = options.workspaces.as_ref();
        let workspaces = workspaces.map(std::path::absolute).transpose()?;
        if let Some(missing) = workspaces.as_ref().filter(|dir| !dir.is_dir()) {
            let missing = missing.display();
            bail!("`{missing}` is no folder, and --workspaces names it: mkdir {missing}");
        }
        let shown = root.display();
        let session = Session::open(&root, None).with_context(|| {
            format!("`{shown}` is no git repository; name one: --project-root DIR")
        })?;
        let own = session.repo.branch();
        let branch = options.branch.clone().or(own.clone());
        let branch = branch.context("no branch is checked out here; git switch BRANCH")?;
        let apart = Some(&branch).filter(|branch| Some(*branch) != own.as_ref());
        if let Some(branch) = apart {
            if session.on(branch)?.tip().is_none() {
                bail!("`{shown}` has no branch `{branch}`: git -C {shown} branch {branch}");
            }
            if session.repo.is_checked_out(branch)? {
                bail!(
                    "`{branch}` is checked out in another work tree of `{shown}`; serve that one: --project-root DIR"
                );
            }
        }
        let tokens = Tokens::of(&session)?;
        let served = match apart {
            Some(branch) => session.on(branch)?,
            None => session,
        };
        requests::ready(&served).with_context(|| format!("`{shown}` cannot be served"))?;
        Ok(Gateway {
            tokens,
            root,
            workspaces,
            leases: Leases::default(),
            apart: apart.cloned(),
            branch,
            metrics: Metrics::default(),
            turns: Semaphore::new(1),
            repeated: Repeated::default(),
            waiting: Waiting::default(),
        })
    }

    pub(crate) fn branch(&self) -> &str {
        &self.branch
    }

    /// Whether calls can be answered now.
    pub(crate) fn ready(&self) -> Result<()> {
        requests::ready(&self.session(None, Seat::default())?)
    }

    /// The repository, on the branch that is served.
    fn session(&self, user: Option<String>, seat: Seat) -> Result<Session> {
        Session::served(&self.root, self.apart.as_deref(), user, seat)
    }

    /// Answers a call. A panic in it is an answer too.
    pub(crate) fn call(
        &self,
        caller: &Caller,
        client: Option<String>,
        tool: &'static Tool,
        arguments: Map<String, Value>,
        watch: Option<&Watch>,
    ) -> Said {
        let answer = || self.answer(caller, client, tool, arguments, watch);
        match self.counted(caller, tool.name, answer) {
            Ok(value) => Said::done(value),
            Err(said) => said,
        }
    }

    /// Answers a question that is no tool's.
    pub(crate) fn look<T>(
        &self,
        caller: &Caller,
        what: &'static str,
        look: impl FnOnce(&Call) -> Result<T>,
    ) -> Result<T, Said> {
        self.counted(caller, what, || {
            self.still_known(caller)?;
            let call = self.attend(caller, Seat::default())?;
            self.serves(&call, caller)?;
            look(&call)
        })
    }

    fn counted<T>(
        &self,
        caller: &Caller,
        what: &'static str,
        answer: impl FnOnce() -> Result<T>,
    ) -> Result<T, Said> {
        let start = Instant::now();
        let said = match catch_unwind(AssertUnwindSafe(answer)) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Said::not(&error, self.head())),
            Err(_) => Err(Said::broken()),
        };
        let (took, refused) = (start.elapsed(), said.as_ref().err());
        self.metrics.count(what, refused, took);
        log::call(caller.user.as_deref(), what, refused, took);
        said
    }

    fn answer(
        &self,
        caller: &Caller,
        client: Option<String>,
        tool: &'static Tool,
        mut arguments: Map<String, Value>,
        watch: Option<&Watch>,
    ) -> Result<Value> {
        let writes = tool.kind != Kind::Reads;
        self.still_known(caller)?;
        if writes && caller.user.is_none() {
            bail!(
                "nothing proves who you are, so you may read and nothing else; connect with a token"
            );
        }
        let wanted = match writes {
            true => asked::take(&mut arguments, tool.is_branched())?,
            false => asked::Asked::default(),
        };
        let arguments = Value::Object(arguments);
        if tool.is_quick {
            return self.quick(caller, tool, arguments);
        }
        let mark = repeated::mark(tool.name, &arguments, wanted.branch.as_deref());
        let seat = Seat {
            workspaces: self.workspaces.clone(),
            branch: Some(self.branch.clone()),
            request: wanted.request.as_ref().map(|name| format!("{name} {mark}")),
            client,
        };
        if !writes {
            let mut call = self.attend(caller, seat)?;
            if let Some(watch) = watch.cloned() {
                let watched = move |what: &str, done, total| watch(what, done, total);
                call.session = call.session.watched(watched);
            }
            self.serves(&call, caller)?;
            return (tool.run)(&call, arguments);
        }
        let key = wanted.request.clone().map(|request| {
            let user = caller.user.clone().unwrap_or_default();
            (user, request)
        });
        let known = key.as_ref().map(|key| self.repeated.find(key, &mark));
        let known = known.transpose()?.flatten();
        let mut call = self.attend(caller, seat.clone())?;
        if let Some(known) = known {
            let at = match &wanted.branch {
                Some(branch) => call.on(branch)?,
                None => call,
            };
            let made = known.get("commit").and_then(Value::as_str);
            if made.is_none_or(|commit| requests::holds(&at.session, commit)) {
                return Ok(known);
            }
            call = self.attend(caller, seat.clone())?;
        }
        // Nothing of the repository was looked at yet.
        let _turn = requests::turn(&call.session)?;
        let mut attempt = 0;
        loop {
            self.serves(&call, caller)?;
            self.on_branch(&call.session)?;
            if let Some(branch) = &wanted.branch {
                call = call.on(branch)?;
            }
            if let Some((_, request)) = &key
                && let Some(value) = earlier::answer(&call, request, &mark, tool.name)?
            {
                return Ok(value);
            }
            asked::expected(&call.session, &wanted, &arguments)?;
            match (tool.run)(&call, arguments.clone()) {
                Err(error) if is_lost(&error) && attempt < TRIES => {
                    std::thread::sleep(Duration::from_millis(attempt));
                    attempt += 1;
                    call = self.attend(caller, seat.clone())?;
                }
                Err(error) => return Err(error),
                Ok(value) => {
                    // What was only judged is judged again.
                    if let Some(key) = key.filter(|_| arguments["dry_run"] != true) {
                        self.repeated.keep(key, &mark, &value);
                    }
                    return Ok(value);
                }
            }
        }
    }

    /// Answers what follows from the commit that is served.
    fn quick(&self, caller: &Caller, tool: &'static Tool, arguments: Value) -> Result<Value> {
        let call = self.attend(caller, Seat::default())?;
        let head = call.session.head()?;
        let user = caller.user.as_deref();
        let question = format!("{user:?} {} {arguments}", tool.name);
        let (is_single, answer) = call.session.repo.once(head, question, || {
            let serves = user.map(|user| requests::serves(&call.session, user));
            let is_single = serves.transpose()?.unwrap_or_default();
            Ok((is_single, Arc::new((tool.run)(&call, arguments)?)))
        })?;
        if let Some(user) = user.filter(|_| is_single) {
            self.leases.take(user, caller.instance.as_deref())?;
        }
        Ok(Value::clone(&answer))
    }

    /// Refuses whoever this process may not commit for: it is the policy that says whom it serves.
    fn serves(&self, call: &Call, caller: &Caller) -> Result<()> {
        let Some(user) = &call.user else {
            return Ok(());
        };
        match requests::serves(&call.session, user)? {
            true => self.leases.take(user, caller.instance.as_deref()),
            false => Ok(()),
        }
    }

    /// Refuses a token that was revoked, or has ended, since it was shown.
    fn still_known(&self, caller: &Caller) -> Result<()> {
        let Some(token) = &caller.token else {
            return Ok(());
        };
        if self.tokens.admits(token)? != caller.user {
            bail!(
                "the token was revoked, or it is over; whoever runs this gateway makes a new one: qms token new AGENT"
            );
        }
        Ok(())
    }

    fn attend(&self, caller: &Caller, seat: Seat) -> Result<Call> {
        Ok(Call {
            session: self.session(caller.user.clone(), seat)?,
            user: caller.user.clone(),
        })
    }

    fn on_branch(&self, session: &Session) -> Result<()> {
        let own = session.repo.branch();
        if let Some(apart) = self.apart.as_ref()
            && session.repo.is_checked_out(apart)?
        {
            bail!("this gateway writes `{apart}`, which is checked out now; tell whoever runs it");
        }
        if own.as_deref() != Some(&self.branch) {
            let own = own.unwrap_or_else(|| "no branch".to_owned());
            bail!(
                "this gateway writes `{}`, and the repository is on {own} now; tell whoever runs it",
                self.branch
            );
        }
        Ok(())
    }

    fn head(&self) -> Option<String> {
        let session = self.session(None, Seat::default()).ok()?;
        session.tip().map(|head| head.to_string())
    }
}
