//! Holds the condition keys of a request with their values. It never decides anything by them.

use std::collections::BTreeMap;

/// The value of a condition key.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    One(String),
    /// The values of a key that may have several, such as aws:CalledVia. Conditions on it need
    /// ForAllValues or ForAnyValue.
    Many(Vec<String>),
}

/// The context of a request. The names of keys are not case-sensitive.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context(BTreeMap<String, Value>);

impl Context {
    /// Adds a key with one value.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<String>) {
        self.insert(key, Value::One(value.into()));
    }

    /// Adds a key.
    pub(crate) fn insert(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_ascii_lowercase(), value);
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(&key.to_ascii_lowercase())
    }

    /// The value of a key that has exactly one.
    pub(crate) fn single(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::One(value) => Some(value),
            Value::Many(_) => None,
        }
    }
}
