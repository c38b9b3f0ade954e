//! One repository that is served: who may call, one writer at a time, and the same answer to the same request.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::metrics::Metrics;
use super::repeated::Repeated;
use super::said::Said;
use super::tool::{Call, Kind, Tool, tool};
use super::{asked, earlier, log};
use crate::ops::session::Seat;
use crate::ops::tokens::Tokens;
use crate::ops::{Session, is_lost, requests};

/// How often a writer who lost a race to another process tries again.
const TRIES: u32 = 40;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// None of whom nothing is proven: he may read.
    pub(crate) user: Option<String>,
}

pub(crate) struct Gateway {
    root: PathBuf,
    /// The branch that is written here.
    branch: String,
    pub(crate) tokens: Tokens,
    pub(crate) metrics: Metrics,
    writer: Mutex<()>,
    repeated: Repeated,
}

impl Gateway {
    /// Refuses what is no governed repository, or does not stand on the branch that is meant.
    pub(crate) fn open(root: &Path, branch: Option<&str>) -> Result<Gateway> {
        let root = std::path::absolute(root)?;
        let shown = root.display();
        let session = Session::open(&root, None).with_context(|| {
            format!("`{shown}` is no git repository; name one: --project-root DIR")
        })?;
        let policy = requests::ready(&session);
        policy.with_context(|| format!("`{shown}` cannot be served"))?;
        let own = session.repo.branch();
        let own = own.context("no branch is checked out here; git switch BRANCH")?;
        if let Some(wanted) = branch.filter(|wanted| *wanted != own) {
            bail!(
                "`{shown}` is on `{own}`, and --branch names `{wanted}`: git -C {shown} switch {wanted}"
            );
        }
        Ok(Gateway {
            tokens: Tokens::of(&session)?,
            root,
            branch: own,
            metrics: Metrics::default(),
            writer: Mutex::new(()),
            repeated: Repeated::default(),
        })
    }

    pub(crate) fn branch(&self) -> &str {
        &self.branch
    }

    /// Whether calls can be answered now.
    pub(crate) fn ready(&self) -> Result<()> {
        let session = Session::open(&self.root, None)?;
        requests::ready(&session)
    }

    /// Answers a call. A panic in it is an answer too.
    pub(crate) fn call(
        &self,
        caller: &Caller,
        client: Option<String>,
        name: &str,
        arguments: Map<String, Value>,
    ) -> Option<Said> {
        let tool = tool(name)?;
        let start = Instant::now();
        let answered = catch_unwind(AssertUnwindSafe(|| {
            self.answer(caller, client, tool, arguments)
        }));
        let said = match answered {
            Ok(Ok(value)) => Said::done(value),
            Ok(Err(error)) => Said::not(&error, self.head()),
            Err(_) => Said::broken(),
        };
        let took = start.elapsed();
        self.metrics.count(tool.name, &said, took);
        log::call(caller.user.as_deref(), tool.name, &said, took);
        Some(said)
    }

    fn answer(
        &self,
        caller: &Caller,
        client: Option<String>,
        tool: &Tool,
        mut arguments: Map<String, Value>,
    ) -> Result<Value> {
        let writes = tool.kind != Kind::Reads;
        if writes && caller.user.is_none() {
            bail!(
                "nothing proves who you are, so you may read and nothing else; connect with a token"
            );
        }
        let wanted = match writes {
            true => asked::take(&mut arguments)?,
            false => asked::Asked::default(),
        };
        let seat = Seat {
            request: wanted.request.clone(),
            client,
        };
        let key = wanted.request.as_ref().map(|request| {
            let user = caller.user.clone().unwrap_or_default();
            (user, request.clone())
        });
        let arguments = Value::Object(arguments);
        if !writes {
            return (tool.run)(&self.attend(caller, seat)?, arguments);
        }
        let _writer = self.writer();
        if let Some(key) = &key
            && let Some(known) = self.repeated.find(key, tool.name, &arguments)?
        {
            return Ok(known);
        }
        let _turn = requests::turn(&Session::open(&self.root, None)?)?;
        for attempt in 0.. {
            let call = self.attend(caller, seat.clone())?;
            self.on_branch(&call.session)?;
            if let Some((user, request)) = &key
                && let Some(value) =
                    earlier::answer(&requests::made(&call.session, user, request)?)?
            {
                return Ok(value);
            }
            asked::expected(&call.session, &wanted, &arguments)?;
            match (tool.run)(&call, arguments.clone()) {
                Err(error) if is_lost(&error) && attempt < TRIES => {
                    std::thread::sleep(Duration::from_millis(u64::from(attempt)));
                }
                Err(error) => return Err(error),
                Ok(value) => {
                    if let Some(key) = key {
                        self.repeated.keep(key, tool.name, &arguments, &value);
                    }
                    return Ok(value);
                }
            }
        }
        unreachable!("the loop ends by returning")
    }

    fn attend(&self, caller: &Caller, seat: Seat) -> Result<Call> {
        let session = Session::open(&self.root, caller.user.clone())?;
        Ok(Call {
            session: session.seated(seat),
            user: caller.user.clone(),
        })
    }

    fn on_branch(&self, session: &Session) -> Result<()> {
        let own = session.repo.branch();
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
        let session = Session::open(&self.root, None).ok()?;
        session.tip().map(|head| head.to_string())
    }

    fn writer(&self) -> MutexGuard<'_, ()> {
        // What a panic left behind is in memory alone, and that was thrown away.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
