//! One function for each of many things, by as many threads as there are cores; what comes of it is in their order.

use std::thread;

/// Fewer than so many are done before another thread has begun.
const FEW: usize = 256;

pub fn each<T: Sync, R: Send>(all: &[T], one: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    if threads == 1 || all.len() < FEW {
        return all.iter().map(one).collect();
    }
    let one = &one;
    thread::scope(|scope| {
        let running: Vec<_> = all
            .chunks(all.len().div_ceil(threads))
            .map(|part| scope.spawn(move || part.iter().map(one).collect::<Vec<R>>()))
            .collect();
        let mut out = Vec::with_capacity(all.len());
        for thread in running {
            match thread.join() {
                Ok(part) => out.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        out
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_comes_of_many_is_in_their_order() {
        for count in [0, 1, super::FEW, super::FEW * 7 + 3] {
            let all: Vec<usize> = (0..count).collect();
            let twice: Vec<usize> = all.iter().map(|n| n * 2).collect();
            assert_eq!(super::each(&all, |n| n * 2), twice);
        }
    }
}
