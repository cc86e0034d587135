//! A part of a check that is read when it is first asked for. A run needs the words and fixes of what it finds, and
//! none of the texts of `doctor why`: three quarters of what the checks hold.

use std::{fmt, marker::PhantomData, ops::Deref, sync::OnceLock};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use super::{Fix, Pattern, Remedy};
use crate::embedded;

/// What the build puts into a book of its own, one JSON value a line.
pub trait Kept: DeserializeOwned + Default {
    /// What it is, where an author's file holds something else.
    const WHAT: &'static str;
    /// The book.
    fn book() -> &'static str;
}

impl Kept for String {
    const WHAT: &'static str = "a string";
    fn book() -> &'static str {
        embedded::fixes()
    }
}

impl Kept for Fix {
    const WHAT: &'static str = "a table";
    fn book() -> &'static str {
        embedded::fixes()
    }
}

impl Kept for Vec<Remedy> {
    const WHAT: &'static str = "a list of tables";
    fn book() -> &'static str {
        embedded::fixes()
    }
}

impl Kept for Vec<Pattern> {
    const WHAT: &'static str = "a list of strings";
    fn book() -> &'static str {
        embedded::texts()
    }
}

/// A value, or the place in its book where it begins.
#[derive(Clone)]
pub struct Later<T> {
    place: usize,
    value: OnceLock<T>,
}

impl<T> From<T> for Later<T> {
    fn from(value: T) -> Self {
        Self { place: 0, value: OnceLock::from(value) }
    }
}

impl<T: Default> Default for Later<T> {
    fn default() -> Self {
        Self::from(T::default())
    }
}

impl<T: Kept> Deref for Later<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // The tests read every place of every book, so that the empty value stands for a damaged program only.
        let line = || T::book().get(self.place..).and_then(|rest| rest.lines().next());
        self.value.get_or_init(|| line().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default())
    }
}

impl<T: Kept + PartialEq> PartialEq for Later<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Kept + fmt::Debug> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: JsonSchema> JsonSchema for Later<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<'de, T: Kept> Deserialize<'de> for Later<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader(PhantomData))
    }
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Kept> Visitor<'de> for Reader<T> {
    type Value = Later<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    /// A place, as the build writes it: a number with a point, which no author's file can hold, because
    /// `catalog::own` puts those down as text.
    fn visit_f64<E>(self, place: f64) -> Result<Later<T>, E> {
        Ok(Later { place: place as usize, value: OnceLock::new() })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Later<T>, E> {
        T::deserialize(text.into_deserializer()).map(Later::from)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Later<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Later::from)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Later<T>, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(seq)).map(Later::from)
    }
}
