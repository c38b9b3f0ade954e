//! What an author may write behind a key of the front matter.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// What an author may write behind a key: text, a list, or a flat map.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any scalar. Numbers and booleans are kept as YAML reads them, so that `1` equals `1`.
    Scalar(Scalar),
    List(Vec<Value>),
    Map(BTreeMap<String, Scalar>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    Text(String),
    Number(f64),
    Bool(bool),
    Null,
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Shape)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Scalar, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Scalar(scalar) => Ok(scalar),
            _ => Err(de::Error::custom(
                "a map holds a list or a map, expected a flat map",
            )),
        }
    }
}

struct Shape;

impl Shape {
    fn number<E>(self, v: f64) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Number(v)))
    }
}

impl<'de> Visitor<'de> for Shape {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list or a flat map")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Bool(v)))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        self.number(v as f64)
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        self.number(v as f64)
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        self.number(v)
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Text(v.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element()? {
            if !matches!(value, Value::Scalar(_) | Value::Map(_)) {
                return Err(de::Error::custom("a list holds a list"));
            }
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut out = BTreeMap::new();
        while let Some((key, value)) = map.next_entry()? {
            out.insert(key, value);
        }
        Ok(Value::Map(out))
    }
}
