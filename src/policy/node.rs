//! Holds the building blocks of documents and templates: strings, lists, and objects whose members keep
//! their order. It gives them no meaning.

/// The members of an object, in order.
pub(super) type Members<T> = Vec<(String, Node<T>)>;

/// A value with strings of the type `T`.
#[derive(Clone, Debug)]
pub(super) enum Node<T> {
    /// A string.
    Text(T),
    /// A list.
    List(Vec<Node<T>>),
    /// An object.
    Object(Members<T>),
}

impl<T> Node<T> {
    /// An object of these members.
    pub(super) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        let members = members.into_iter();
        Self::Object(members.map(|(name, it)| (name.to_owned(), it)).collect())
    }

    /// A list of strings; a single one stands alone, as IAM accepts it.
    pub(super) fn one_or_many(texts: Vec<T>) -> Self {
        let mut all: Vec<Self> = texts.into_iter().map(Self::Text).collect();
        match all.len() {
            1 => all.remove(0),
            _ => Self::List(all),
        }
    }

    /// The same structure, with each string replaced by what `f` returns.
    pub(super) fn map<U>(&self, f: &impl Fn(&T) -> Node<U>) -> Node<U> {
        match self {
            Self::Text(text) => f(text),
            Self::List(all) => Node::List(all.iter().map(|it| it.map(f)).collect()),
            Self::Object(members) => {
                let members = members.iter();
                Node::Object(
                    members
                        .map(|(name, it)| (name.clone(), it.map(f)))
                        .collect(),
                )
            }
        }
    }
}
