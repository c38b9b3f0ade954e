//! Sets of line numbers, written as people write them: `1-3,7`. Kept as ranges: few bytes may name many lines.

use std::collections::BTreeSet;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::memory::packed::Packed;

/// Numbers of lines, from 1: rising ranges with a gap between each two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Lines(Vec<(u32, u32)>);

/// No file has more lines.
const MOST: u32 = 10_000_000;

impl Lines {
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The last one; 0 where there is none.
    pub fn last(&self) -> u32 {
        self.0.last().map_or(0, |(_, last)| *last)
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        let of = |(first, last): &(u32, u32)| u64::from(last - first) + 1;
        self.0.iter().map(of).sum()
    }

    /// Reads `1-3,7`: rising, without gaps of nothing and without repetition.
    fn parse(text: &str) -> Option<Lines> {
        let mut all = Vec::new();
        let mut least = 1;
        for part in text.split(',').filter(|_| !text.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number = |text: &str| text.parse::<u32>().ok().filter(|n| n.to_string() == text);
            let (first, last) = (number(first)?, number(last)?);
            if first < least || last < first || last > MOST {
                return None;
            }
            all.push((first, last));
            least = last + 2;
        }
        Some(Lines(all))
    }
}

impl Packed for Lines {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
    }

    fn unpack(from: &mut &'static [u8]) -> Option<Lines> {
        Vec::unpack(from).map(Lines)
    }
}

impl FromIterator<u32> for Lines {
    fn from_iter<I: IntoIterator<Item = u32>>(lines: I) -> Lines {
        let sorted: BTreeSet<u32> = lines.into_iter().collect();
        let mut all: Vec<(u32, u32)> = Vec::new();
        for line in sorted {
            match all.last_mut().filter(|(_, last)| last + 1 == line) {
                Some((_, last)) => *last = line,
                None => all.push((line, line)),
            }
        }
        Lines(all)
    }
}

impl std::fmt::Display for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut comma = "";
        for (first, last) in &self.0 {
            match last == first {
                true => write!(f, "{comma}{first}")?,
                false => write!(f, "{comma}{first}-{last}")?,
            }
            comma = ",";
        }
        Ok(())
    }
}

impl Serialize for Lines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Lines, D::Error> {
        let text = String::deserialize(deserializer)?;
        Lines::parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` are no lines, expected the like of `1-3,7`"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_set_has_one_text() {
        for text in ["", "1", "1-2", "1-3,7,9-10", "10000000"] {
            let lines = Lines::parse(text).expect(text);
            assert_eq!(lines.to_string(), text);
            assert_eq!(lines.iter().collect::<Lines>(), lines);
            assert_eq!(lines.count(), lines.iter().count() as u64);
        }
        for text in [
            "0",
            "3-1",
            "1,2",
            "1-2,3",
            "2,1",
            "01",
            "+1",
            "1-",
            ",",
            "1,,3",
            " 1",
            "10000001",
            "1-99999999",
        ] {
            assert_eq!(Lines::parse(text), None, "{text}");
        }
    }
}
