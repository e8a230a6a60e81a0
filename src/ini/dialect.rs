//! Decides by whose rules a file is read: the AWS SDKs' where they read it, else botocore's where those
//! do. It reads no value.

use super::botocore::Reading;
use super::line::{self, Role, start_of_text};

/// The rules that a file is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Those of the AWS SDKs. Also of a file that nobody reads: then each line counts as some reader
    /// takes it.
    Sdk,
    /// Those of botocore, which the AWS CLI and boto3 read with: the SDKs refuse the file. Headers and
    /// keys may be indented, and deeper lines go on with the line above.
    Botocore,
}

/// Why the AWS SDKs refuse a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Counted from 1.
    pub(crate) line: usize,
    /// In words.
    pub(crate) reason: &'static str,
}

/// The rules that `bytes` are read by, and why they are not the SDKs', if they are not.
pub(super) fn dialect(bytes: &[u8]) -> (Dialect, Option<Refusal>) {
    let Some(refusal) = refusals(bytes).next() else {
        return (Dialect::Sdk, None);
    };
    let by_botocore = std::str::from_utf8(bytes).map(Reading::of);
    let dialect = match by_botocore {
        Ok(reading) if reading.faults.is_empty() => Dialect::Botocore,
        _ => Dialect::Sdk,
    };
    (dialect, Some(refusal))
}

/// What an indented line would go on with.
#[derive(Clone, Copy)]
enum Above {
    /// Nothing, not even a section.
    Nothing,
    Header,
    Value,
    Block,
    Stray,
}

/// Every reason for the SDK to refuse a file.
pub(super) fn refusals(bytes: &[u8]) -> impl Iterator<Item = Refusal> {
    let start = start_of_text(bytes);
    let mark = (start > 0).then_some("it begins with a byte order mark");
    let not_text = std::str::from_utf8(bytes)
        .is_err()
        .then_some("the file is not UTF-8");
    let whole = mark.into_iter().chain(not_text);
    let whole = whole.map(|reason| Refusal { line: 1, reason });
    let mut above = Above::Nothing;
    let lines = line::lines(bytes, start, bytes.len()).enumerate();
    whole.chain(lines.filter_map(move |(number, line)| {
        let (reason, next) = judge(line.text, above);
        above = next;
        Some(Refusal {
            line: number + 1,
            reason: reason?,
        })
    }))
}

/// Why the SDK refuses a line below `above`, and what the next one stands below.
fn judge(text: &[u8], above: Above) -> (Option<&'static str>, Above) {
    const COLON: &str = "it has a colon instead of the equals sign";
    const INDENTED: &str = "it is indented";
    let role = line::role(text);
    let reason = match (&role, above) {
        (Role::Blank | Role::Comment, _) => None,
        (Role::Header(None), _) => Some("its bracket is not closed"),
        (Role::Header(Some(_)), _) => {
            (!line::is_closed(text)).then_some("it has text after its bracket")
        }
        (Role::Indented, Above::Nothing | Above::Header | Above::Stray) => Some(INDENTED),
        (_, Above::Nothing) => Some("it comes before the first [section]"),
        (Role::Stray, _) => Some("it has no equals sign"),
        (Role::Property(pair), _) => pair.colon.then_some(COLON),
        (Role::Indented, Above::Value) => None,
        (Role::Indented, Above::Block) => match line::pair(line::trim(text)) {
            None => Some("it is below an empty value and has no equals sign"),
            Some(pair) => pair.colon.then_some(COLON),
        },
    };
    let next = match (role, above) {
        (Role::Header(None), _) => Above::Nothing,
        (Role::Header(Some(_)), _) => Above::Header,
        (Role::Blank | Role::Comment | Role::Indented, _) | (_, Above::Nothing) => above,
        (Role::Stray, _) => Above::Stray,
        (Role::Property(pair), _) if pair.value().is_empty() => Above::Block,
        (Role::Property(_), _) => Above::Value,
    };
    (reason, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_the_sdks_refuse_and_botocore_reads_is_read_by_its_rules() {
        for (text, line) in [
            ("[a]\n  k = 1\n", 2),
            ("  [a]\n  k = 1\n", 1),
            ("[a]\nk : 1\n", 2),
            ("[a] junk\nk = 1\n", 1),
            ("[b]\nk = 1\n[a]\n\tk = 1\n", 4),
        ] {
            let (found, refusal) = dialect(text.as_bytes());
            assert_eq!(found, Dialect::Botocore, "{text:?}");
            assert_eq!(refusal.map(|it| it.line), Some(line), "{text:?}");
        }
        for text in [
            "",
            "[a]\nk = 1\n  l = 2\n",
            "[a]\nk = 1\n[a]\nk = 2\n",
            "[a]\n  k = 1\n[a]\n",
            "[a]\n  k = 1\nstray\n",
            "\u{feff}[a]\n  k = 1\n",
        ] {
            assert_eq!(dialect(text.as_bytes()).0, Dialect::Sdk, "{text:?}");
        }
    }
}
