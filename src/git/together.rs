//! Work on one history by several threads: each has the repository for itself and takes the next piece that nobody has.
//! The pieces are the same however many threads there are, and so is what comes out.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use anyhow::Result;

use super::Repo;

/// Does each piece, and hands what comes of it on with the piece's place, in any order. The first failure ends all.
pub fn each<P: Sync, T: Send>(
    own: &Repo,
    pieces: &[P],
    threads: usize,
    work: impl Fn(&Repo, &P) -> Result<T> + Sync,
    mut done: impl FnMut(usize, T),
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let take = || {
        let place = next.fetch_add(1, Ordering::Relaxed);
        pieces.get(place).map(|piece| (place, piece))
    };
    let stop = || next.store(pieces.len(), Ordering::Relaxed);
    let (send, receive) = mpsc::channel();
    let (place, work, take) = (own.place(), &work, &take);
    std::thread::scope(|scope| {
        for _ in 1..threads.min(pieces.len()) {
            let (send, place) = (send.clone(), &place);
            scope.spawn(move || {
                let repo = match place.open() {
                    Ok(repo) => repo,
                    Err(error) => return drop(send.send(Err(error))),
                };
                while let Some((place, piece)) = take() {
                    let out = work(&repo, piece).map(|out| (place, out));
                    let failed = out.is_err();
                    if send.send(out).is_err() || failed {
                        break;
                    }
                }
            });
        }
        drop(send);
        let mut all = || -> Result<()> {
            while let Some((place, piece)) = take() {
                done(place, work(own, piece)?);
                for out in receive.try_iter() {
                    let (place, out) = out?;
                    done(place, out);
                }
            }
            for out in receive.iter() {
                let (place, out) = out?;
                done(place, out);
            }
            Ok(())
        };
        all().inspect_err(|_| stop())
    })
}

/// The same; what comes of the pieces, in their order.
pub fn all<P: Sync, T: Send>(
    own: &Repo,
    pieces: &[P],
    threads: usize,
    work: impl Fn(&Repo, &P) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let mut out: Vec<(usize, T)> = Vec::with_capacity(pieces.len());
    each(own, pieces, threads, work, |place, done| {
        out.push((place, done))
    })?;
    out.sort_by_key(|(place, _)| *place);
    Ok(out.into_iter().map(|(_, done)| done).collect())
}

/// As many threads as there are cores.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
