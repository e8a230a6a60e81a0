//! Matches text and ARNs against the patterns in a policy, with their wildcards and variables. It never
//! knows what the text is about.

use super::context::Context;

/// A pattern as the policy writes it: text, wildcards and variables.
#[derive(Clone, Debug)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Token(Token),
    /// `${key}`, or `${key, 'default'}`.
    Variable {
        key: String,
        default: Option<String>,
    },
}

/// A part of a pattern whose variables are filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Any,
}

/// A pattern whose variables are filled in. Their values never act as wildcards.
pub(crate) struct Pattern(Vec<Token>);

impl Template {
    /// Reads a pattern. In a policy version without variables, `${` is literal.
    pub(crate) fn parse(text: &str, has_variables: bool) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let variable = rest.strip_prefix("${").filter(|_| has_variables);
            if let Some((inside, after)) = variable.and_then(|it| it.split_once('}')) {
                pieces.push(Piece::variable(inside));
                rest = after;
                continue;
            }
            pieces.push(Piece::Token(match first {
                '*' => Token::Any,
                '?' => Token::One,
                other => Token::Char(other),
            }));
            rest = &rest[first.len_utf8()..];
        }
        Self(pieces)
    }

    /// Fills in the variables; none if the request does not have exactly one value for one of them.
    pub(crate) fn resolve(&self, context: &Context) -> Option<Pattern> {
        let mut tokens = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Token(token) => tokens.push(*token),
                Piece::Variable { key, default } => {
                    let value = context.single(key).or(default.as_deref())?;
                    tokens.extend(value.chars().map(Token::Char));
                }
            }
        }
        Some(Pattern(tokens))
    }

    /// The text before the first `/` or `:`, if it is plain text.
    fn kind(&self) -> Option<String> {
        let mut kind = String::new();
        for piece in &self.0 {
            let Piece::Token(Token::Char(it)) = piece else {
                return None;
            };
            kind.push(*it);
            if matches!(it, '/' | ':') {
                return Some(kind);
            }
        }
        None
    }

    /// The condition keys that its variables name.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|it| match it {
            Piece::Variable { key, .. } => Some(key.as_str()),
            Piece::Token(_) => None,
        })
    }
}

impl Piece {
    fn variable(inside: &str) -> Self {
        let mut characters = inside.chars();
        if let (Some(it @ ('*' | '?' | '$')), None) = (characters.next(), characters.next()) {
            return Self::Token(Token::Char(it));
        }
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => (key, default.trim().strip_prefix('\'')),
            None => (inside, None),
        };
        Self::Variable {
            key: key.trim().to_owned(),
            default: default
                .and_then(|it| it.strip_suffix('\''))
                .map(str::to_owned),
        }
    }
}

impl Pattern {
    /// Whether `text` matches, where `*` stands for anything and `?` for one character.
    pub(crate) fn fits(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        fits(&self.0, &text)
    }

    /// Whether `text` matches, ignoring case.
    pub(crate) fn fits_in_any_case(&self, text: &str) -> bool {
        let lower = self.0.iter().flat_map(|token| match token {
            Token::Char(it) => it.to_lowercase().map(Token::Char).collect(),
            other => vec![*other],
        });
        Self(lower.collect()).fits(&text.to_lowercase())
    }

    /// The text that it stands for if it has no wildcard.
    pub(crate) fn literal(&self) -> String {
        let characters = self.0.iter().map(|token| match token {
            Token::Char(it) => *it,
            Token::One => '?',
            Token::Any => '*',
        });
        characters.collect()
    }
}

/// Backtracks to the last `*` only: an earlier one never needs to match more.
fn fits(pattern: &[Token], text: &[char]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut last_any = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(Token::Any) => {
                last_any = Some((at, seen));
                at += 1;
            }
            Some(Token::One) => (at, seen) = (at + 1, seen + 1),
            Some(Token::Char(it)) if *it == text[seen] => (at, seen) = (at + 1, seen + 1),
            _ => {
                let Some((any, from)) = last_any else {
                    return false;
                };
                last_any = Some((any, from + 1));
                (at, seen) = (any + 1, from + 1);
            }
        }
    }
    pattern[at..].iter().all(|it| *it == Token::Any)
}

fn parts(arn: &str) -> Option<[&str; 6]> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    parts.try_into().ok()
}

/// The pattern of an ARN: its six parts are compared one by one, so that a wildcard in one part does not
/// reach into the next. The last part may contain colons itself.
#[derive(Clone, Debug)]
pub(crate) struct ArnTemplate([Template; 6]);

impl ArnTemplate {
    /// Reads a complete ARN; none if a part is missing.
    pub(crate) fn parse(text: &str, has_variables: bool) -> Option<Self> {
        Some(Self(
            parts(text)?.map(|part| Template::parse(part, has_variables)),
        ))
    }

    /// Reads an ARN whose last parts may be missing, as in `arn:aws:s3*`: the missing parts match
    /// anything.
    pub(crate) fn parse_short(text: &str, has_variables: bool) -> Option<Self> {
        let missing = 6_usize.saturating_sub(text.splitn(6, ':').count());
        let whole = format!("{text}{}", ":*".repeat(missing));
        text.starts_with("arn:")
            .then(|| Self::parse(&whole, has_variables))?
    }

    /// Whether an ARN matches; none if that depends on a variable without a value, or if the text is not
    /// an ARN.
    pub(crate) fn fits(&self, arn: &str, context: &Context) -> Option<bool> {
        for (template, part) in self.0.iter().zip(parts(arn)?) {
            if !template.resolve(context)?.fits(part) {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Whether an ARN is of another kind of resource, such as `mfa/…` if this is `user/…`. No variable
    /// changes that. The ARN of a bucket or an object has no kind.
    pub(crate) fn is_of_another_kind(&self, arn: &str) -> bool {
        let Some([_, _, _, region, account, resource]) = parts(arn) else {
            return false;
        };
        let kind = self.0[5].kind();
        let has_kind = !(region.is_empty() && account.is_empty());
        has_kind && kind.is_some_and(|it| !resource.starts_with(&it))
    }

    /// The condition keys that its variables name.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(Template::keys)
    }
}
