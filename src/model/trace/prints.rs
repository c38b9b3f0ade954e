//! Fingerprints by what they are of. There are few of them at a time and very many times, so they lie in a list.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

/// Fingerprints by name, in the order of the names, each once. Written and read as a map is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "BTreeMap<String, String>")]
pub struct Prints(Vec<(String, String)>);

impl Prints {
    pub fn get(&self, name: &str) -> Option<&String> {
        let at = self
            .0
            .binary_search_by(|(known, _)| known.as_str().cmp(name));
        at.ok().map(|at| &self.0[at].1)
    }

    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(name, _)| name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter().map(|(name, print)| (name, print))
    }
}

/// Of several with one name the last stays.
impl FromIterator<(String, String)> for Prints {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(all: I) -> Prints {
        let mut all: Vec<(String, String)> = all.into_iter().collect();
        if !all.is_sorted_by(|a, b| a.0 < b.0) {
            all = all
                .into_iter()
                .collect::<BTreeMap<_, _>>()
                .into_iter()
                .collect();
        }
        Prints(all)
    }
}

impl From<BTreeMap<String, String>> for Prints {
    fn from(all: BTreeMap<String, String>) -> Prints {
        Prints(all.into_iter().collect())
    }
}

impl<const N: usize> From<[(String, String); N]> for Prints {
    fn from(all: [(String, String); N]) -> Prints {
        all.into_iter().collect()
    }
}

impl Serialize for Prints {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_what_a_map_would_be() {
        let all = ["b", "a", "b", "c"].into_iter().zip(["1", "2", "3", "4"]);
        let all = all.map(|(name, print)| (name.to_owned(), print.to_owned()));
        let (prints, map): (Prints, BTreeMap<_, _>) = (all.clone().collect(), all.collect());
        assert_eq!(prints, Prints::from(map.clone()));
        assert!(prints.iter().eq(&map) && prints.names().eq(map.keys()));
        for name in ["a", "b", "c", "d", ""] {
            assert_eq!(prints.get(name), map.get(name));
        }
        let text = serde_json::to_string(&prints).expect("JSON");
        assert_eq!(text, serde_json::to_string(&map).expect("JSON"));
        assert_eq!(
            serde_json::from_str::<Prints>(&text).expect("prints"),
            prints
        );
    }
}
