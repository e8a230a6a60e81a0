//! Parses the options of a document into types that can't be invalid. It does not decide what the
//! document then says.

use super::pattern::{Parameter, Pattern, Piece, text};
use crate::text::quoted;
use crate::value::Lifetime;
use std::str::FromStr;

/// The maximum age of a sign-in with MFA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MaxAge(Lifetime);

/// The options of the documents under which users enroll.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rules {
    /// How long MFA counts; `None` means as long as the session lasts.
    pub(crate) max_age: Option<MaxAge>,
    /// Whether users may change their password without MFA.
    pub(crate) password_change: bool,
    /// Whether a device may have any name, as the console gives it.
    pub(crate) console_enrolment: bool,
}

/// The path of the users to which a service control policy applies.
#[derive(Clone, Debug)]
pub(crate) struct UserPath(pub(super) Pattern);

/// The path of the roles that a user may create. It is never `/`.
#[derive(Clone, Debug)]
pub(crate) struct RolePath(pub(super) Pattern);

/// The policy that limits what a created role may do.
#[derive(Clone, Debug)]
pub(crate) struct Boundary {
    /// Its path, `/` by default.
    pub(super) path: Pattern,
    /// Its name.
    pub(super) name: Pattern,
}

/// The tag of protected instances.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    /// Its key.
    pub(crate) key: TagKey,
    /// The values that protect an instance.
    pub(crate) value: TagValue,
}

/// The key of a tag.
#[derive(Clone, Debug)]
pub(crate) struct TagKey(pub(super) String);

/// The value of a tag, in which `*` and `?` are wildcards.
#[derive(Clone, Debug)]
pub(crate) struct TagValue(pub(super) Pattern);

impl MaxAge {
    /// The default age for those who assume a role.
    pub(crate) const HOUR: Self = Self(Lifetime::seconds(3_600));

    /// In seconds.
    pub(crate) fn seconds(self) -> u64 {
        self.0.as_seconds()
    }

    /// The seconds as a condition compares them.
    pub(super) fn pattern(self) -> Pattern {
        Pattern::text(self.seconds().to_string())
    }
}

impl FromStr for MaxAge {
    type Err = String;

    /// Less than a minute is over before it can be used, and no session lasts longer than 36 hours.
    fn from_str(text: &str) -> Result<Self, String> {
        let age: Lifetime = text.parse()?;
        if (60..=129_600).contains(&age.as_seconds()) {
            return Ok(Self(age));
        }
        Err(format!(
            "the age of MFA is from 1m to 36h (60 to 129600 seconds), not {age}"
        ))
    }
}

/// Whether IAM allows `c` in names and paths, and it has no special meaning in policies.
fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)
}

/// Whether `text` is a valid policy name.
fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.chars().all(is_of_a_name)
}

/// An IAM path: `/`, `/people/`, `/a/b/`.
fn path(text: &str) -> Result<&str, String> {
    let inner = text.strip_prefix('/').and_then(|it| it.strip_suffix('/'));
    let is_part = |part: &str| !part.is_empty() && part.chars().all(is_of_a_name);
    let is_path = inner.is_some_and(|inner| inner.split('/').all(is_part));
    if text == "/" || text.len() <= 512 && is_path {
        return Ok(text);
    }
    Err(format!(
        "{} is not a path; one begins and ends with a slash, like /people/",
        quoted(text)
    ))
}

impl UserPath {
    /// All users.
    pub(crate) fn all() -> Self {
        Self(Pattern::text("/"))
    }
}

impl FromStr for UserPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        path(text).map(|it| Self(Pattern::text(it)))
    }
}

/// Why users can't be allowed to pass every role.
const ONLY_BOUNDED: &str = "with the path / any role could be passed to a service, an administrator's too; the path must hold only roles that have the boundary, like /awsmfa/";

impl RolePath {
    /// A path that is unlikely to contain other roles.
    pub(crate) fn usual() -> Self {
        Self(Pattern::text("/awsmfa/"))
    }

    /// The path given to a stack.
    pub(super) fn parameter(parameter: Parameter) -> Self {
        Self(Pattern::of([Piece::Parameter(parameter)]))
    }
}

impl FromStr for RolePath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match path(text)? {
            "/" => Err(ONLY_BOUNDED.to_owned()),
            path => Ok(Self(Pattern::text(path))),
        }
    }
}

impl Boundary {
    /// The name of our boundary.
    pub(crate) fn usual() -> Self {
        Self {
            path: Pattern::text("/"),
            name: Pattern::text("awsmfa-role-boundary"),
        }
    }

    /// The policy with this name after the stack's prefix, in the stack's path.
    pub(super) fn parameters(path: Parameter, prefix: Parameter, name: &str) -> Self {
        Self {
            path: Pattern::of([Piece::Parameter(path)]),
            name: Pattern::of([Piece::Parameter(prefix), text(name)]),
        }
    }

    /// The parts of its ARN from the path on.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.path.pieces().chain(self.name.pieces())
    }
}

impl FromStr for Boundary {
    type Err = String;

    /// A name, perhaps with a path: `boundary`, `team/boundary`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (folder, name) = match text.trim_start_matches('/').rsplit_once('/') {
            Some((folder, name)) => (format!("/{folder}/"), name),
            None => ("/".to_owned(), text.trim_start_matches('/')),
        };
        if !is_name(name) || path(&folder).is_err() {
            return Err(format!(
                "{} is not the name of a policy; it is a name, behind its path if it has one, and not an ARN",
                quoted(text)
            ));
        }
        Ok(Self {
            path: Pattern::text(folder),
            name: Pattern::text(name),
        })
    }
}

impl Tag {
    /// The tag in the guides: instances whose name begins with CSR.
    pub(crate) fn usual() -> Self {
        Self {
            key: TagKey("Name".to_owned()),
            value: TagValue(Pattern::text("CSR*")),
        }
    }
}

/// Whether EC2 allows `c` in tags, and IAM in policies.
fn is_of_a_tag(c: char) -> bool {
    let is_letter = c.is_alphanumeric() && u32::from(c) <= 0xff;
    is_letter || " _.:/=+-@".contains(c)
}

impl FromStr for TagKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if (1..=128).contains(&text.chars().count()) && text.chars().all(is_of_a_tag) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "{} is not a tag's key that a policy can name; it has up to 128 letters of Latin-1, digits, spaces and _.:/=+-@",
            quoted(text)
        ))
    }
}

impl FromStr for TagValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fits = |c: char| is_of_a_tag(c) || "*?${},'".contains(c);
        if text.chars().count() > 256 || !text.chars().all(fits) {
            return Err(format!(
                "{} is not a tag's value that a policy can name; it has up to 256 letters of Latin-1, digits, spaces and _.:/=+-@, and * and ? as wildcards",
                quoted(text)
            ));
        }
        let pattern = Pattern::parse(text);
        pattern
            .map(Self)
            .map_err(|why| format!("{} {why}", quoted(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_path_is_never_the_root() {
        for wrong in [
            "/", "", "app", "/app", "app/", "//", "/a//b/", "/a*/", "/${x}/", "/a b/",
        ] {
            assert!(wrong.parse::<RolePath>().is_err(), "{wrong}");
        }
        assert_eq!("/".parse::<RolePath>().unwrap_err(), ONLY_BOUNDED);
        for right in ["/app/", "/a/b-c/", "/team_1/x/"] {
            assert!(right.parse::<RolePath>().is_ok(), "{right}");
        }
        assert!("/".parse::<UserPath>().is_ok());
        assert!("/people".parse::<UserPath>().is_err());
    }

    #[test]
    fn an_age_is_read_like_a_duration() {
        for (text, seconds) in [("3600", "3600"), ("1h30m", "5400"), ("36h", "129600")] {
            let age: MaxAge = text.parse().expect("an age");
            assert_eq!(age.pattern(), Pattern::text(seconds));
        }
        for wrong in ["0", "59", "36h1s", "129601", "soon", "-1h"] {
            assert!(wrong.parse::<MaxAge>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_boundary_is_a_name_with_or_without_a_path() {
        for (text, path, name) in [
            ("limit", "/", "limit"),
            ("/limit", "/", "limit"),
            ("team/a/limit", "/team/a/", "limit"),
            ("/team/limit", "/team/", "limit"),
        ] {
            let boundary: Boundary = text.parse().expect("a boundary");
            assert_eq!(boundary.path, Pattern::text(path), "{text}");
            assert_eq!(boundary.name, Pattern::text(name), "{text}");
        }
        for wrong in [
            "",
            "/",
            "a/",
            "a*",
            "a b",
            "arn:aws:iam::1:policy/x",
            "a//b",
        ] {
            assert!(wrong.parse::<Boundary>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_tag_must_be_one_that_a_policy_can_name() {
        for right in ["", "CSR*", "a b", "${aws:PrincipalTag/team}-*", "é"] {
            assert!(right.parse::<TagValue>().is_ok(), "{right}");
        }
        for wrong in ["\u{142}", "a\"b", "${open", "${}", "a\nb", "${a${b}}"] {
            assert!(wrong.parse::<TagValue>().is_err(), "{wrong}");
        }
        assert!("team/a".parse::<TagKey>().is_ok());
        for wrong in ["", "a*", "${x}", "a\u{142}"] {
            assert!(wrong.parse::<TagKey>().is_err(), "{wrong}");
        }
    }
}
