//! Parses the keys in a file as the AWS console offers it. It opens no file, and never shows a secret.

use crate::text::escape;
use crate::value::Keys;
use crate::value::keys::{Part, shown_id};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use std::fmt;
use zeroize::Zeroizing;

/// A line of the file with a key.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The user, if the file names one.
    user: Option<String>,
    /// The id as it is in the file.
    id: String,
    /// The keys, which AWS may not know, or why they can't be keys.
    keys: Result<Keys, String>,
}

impl Row {
    /// Whether its id is `id`.
    pub(super) fn is_of(&self, id: &str) -> bool {
        self.id == id
    }

    /// The keys, or why they can't be used. Only the chosen row has to have valid ones.
    pub(super) fn keys(&self) -> Result<&Keys, &str> {
        self.keys.as_ref().map_err(String::as_str)
    }
}

impl fmt::Display for Row {
    /// The id and the user.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id.as_str() {
            "" => out.write_str("a key without its id")?,
            id => out.write_str(&shown_id(id))?,
        }
        match &self.user {
            Some(user) => write!(out, " ({user})"),
            None => Ok(()),
        }
    }
}

/// The separator of AWS, and those of spreadsheets that have saved the file again.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// The names of the columns in lower case: AWS has changed the case over the years.
const ID: &str = "access key id";
const SECRET: &str = "secret access key";
const USER: &str = "user name";
/// More columns than any such file has.
const COLUMNS: usize = 64;

/// The fields of a line of the file.
type Record = Zeroizing<Vec<String>>;

/// The rows with keys in `text`, or what is wrong with it. Rows of users without keys are skipped. Fails
/// if no row has usable keys.
pub(super) fn rows(text: &str) -> Result<Vec<Row>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let found = SEPARATORS.into_iter().find_map(|separator| {
        let records = records(text, separator)?;
        let columns = Columns::of(records.first()?)?;
        Some((records, columns))
    });
    let (records, columns) = found.ok_or(
        "is not an access key file from AWS: it has no header with the columns `Access key ID` and `Secret access key`",
    )?;
    let numbered = records.iter().enumerate().skip(1);
    let rows: Vec<Row> = numbered
        .filter_map(|(number, record)| columns.row(number + 1, record))
        .collect();
    match rows.first().map(Row::keys) {
        None => Err("holds no access key".to_owned()),
        Some(Err(unfit)) if rows.iter().all(|row| row.keys().is_err()) => Err(unfit.to_owned()),
        Some(_) => Ok(rows),
    }
}

/// The columns that matter.
struct Columns {
    id: usize,
    secret: usize,
    user: Option<usize>,
}

impl Columns {
    fn of(header: &Record) -> Option<Self> {
        let at = |name: &str| {
            let mut names = header.iter().map(|it| it.trim().to_lowercase());
            names.position(|it| it == name)
        };
        Some(Self {
            id: at(ID)?,
            secret: at(SECRET)?,
            user: at(USER),
        })
    }

    /// The keys of a record; `None` if both are empty, as for a user without keys.
    fn row(&self, number: usize, record: &Record) -> Option<Row> {
        let field = |at: usize| record.get(at).map_or("", |it| it.trim());
        let (id, secret) = (field(self.id), field(self.secret));
        if id.is_empty() && secret.is_empty() {
            return None;
        }
        let name = |part: Part| format!("the {} in row {number}", part.words());
        let keys = Keys::parse(id, secret, None);
        let user = self.user.map(field).filter(|user| !user.is_empty());
        Some(Row {
            user: user.map(escape),
            id: id.to_owned(),
            keys: keys.map_err(|unfit| format!("can't be used: {}", unfit.describe(name))),
        })
    }
}

/// The records of `text`; `None` if one has more fields than any of AWS's.
fn records(text: &str, separator: u8) -> Option<Vec<Record>> {
    let mut reader: Reader = ReaderBuilder::new().delimiter(separator).build();
    // No record is longer than the input.
    let mut output = Zeroizing::new(vec![0; text.len() + 1]);
    let mut ends = [0; COLUMNS];
    let mut input = text.as_bytes();
    let mut records = Vec::new();
    let (mut written, mut ended) = (0, 0);
    loop {
        let (result, read, wrote, fields) =
            reader.read_record(input, &mut output[written..], &mut ends[ended..]);
        input = &input[read..];
        written += wrote;
        ended += fields;
        match result {
            // Called once more, for what came before the end.
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => return None,
            ReadRecordResult::Record => {
                let mut start = 0;
                let fields = ends[..ended].iter().map(|&end| {
                    let field = String::from_utf8_lossy(&output[start..end]).into_owned();
                    start = end;
                    field
                });
                records.push(Zeroizing::new(fields.collect()));
                (written, ended) = (0, 0);
            }
            ReadRecordResult::End => return Some(records),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    const ID: &str = "AKIAIOSFODNN7EXAMPLE";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    /// The user, id and secret of each row.
    fn read(text: &str) -> Result<Vec<(String, String, String)>, String> {
        let rows = rows(text)?.into_iter().map(|row| {
            let (id, secret) = match row.keys() {
                Ok(keys) => {
                    let secret = keys.secret_access_key.expose_secret();
                    (keys.access_key_id.clone(), secret.to_owned())
                }
                Err(unfit) => (row.id.clone(), unfit.to_owned()),
            };
            (row.user.unwrap_or_default(), id, secret)
        });
        Ok(rows.collect())
    }

    #[test]
    fn each_of_awss_headers_is_read_with_each_line_end_quote_and_separator() {
        let one = |user: &str| Ok(vec![(user.to_owned(), ID.to_owned(), SECRET.to_owned())]);
        let forms: [(&[&str], &[&str], &str); 5] = [
            (&["Access key ID", "Secret access key"], &[ID, SECRET], ""),
            (
                &["User name", "Access key ID", "Secret access key"],
                &["alice", ID, SECRET],
                "alice",
            ),
            (
                &["User Name", "Access Key Id", "Secret Access Key"],
                &["a,b \"c\"", ID, SECRET],
                "a,b \"c\"",
            ),
            (
                &[
                    "User name",
                    "Password",
                    "Access key ID",
                    "Secret access key",
                    "Console login link",
                ],
                &[
                    "alice",
                    "",
                    ID,
                    SECRET,
                    "https://123456789012.signin.aws.amazon.com/console",
                ],
                "alice",
            ),
            (&["Secret access key", "Access key ID"], &[SECRET, ID], ""),
        ];
        let mut tried = 0;
        for (header, row, user) in forms {
            for end in ["\n", "\r\n", "\r"] {
                for separator in [",", ";", "\t"] {
                    for is_quoted in [false, true] {
                        let field = |text: &&str| match is_quoted || text.contains([',', '"']) {
                            true => format!("\"{}\"", text.replace('"', "\"\"")),
                            false => (*text).to_owned(),
                        };
                        let line = |fields: &[&str]| {
                            let fields: Vec<String> = fields.iter().map(field).collect();
                            fields.join(separator)
                        };
                        for (begin, last) in [("", end), ("\u{feff}", ""), ("", &end.repeat(3))] {
                            let text = format!("{begin}{}{end}{}{last}", line(header), line(row));
                            assert_eq!(read(&text), one(user), "{text:?}");
                            tried += 1;
                        }
                    }
                }
            }
        }
        assert_eq!(tried, 5 * 3 * 3 * 2 * 3);
    }

    proptest! {
        #[test]
        fn any_file_is_read_or_refused(text in "(?s).{0,200}") {
            let _ = rows(&text);
            let _ = rows(&format!("Access key ID,Secret access key\n{text}"));
        }

        #[test]
        fn other_fields_do_not_change_the_keys(user in "(?s).{1,20}", password in "(?s).{0,20}") {
            let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
            let (user, password) = (quoted(&user), quoted(&password));
            let text = format!(
                "User name,Password,Access key ID,Secret access key\r\n{user},{password},{ID},{SECRET}\r\n"
            );
            let rows = read(&text).expect("one row");
            prop_assert_eq!(rows.len(), 1);
            prop_assert_eq!((rows[0].1.as_str(), rows[0].2.as_str()), (ID, SECRET));
        }
    }

    #[test]
    fn rows_with_keys_are_read_and_those_without_are_skipped() {
        let text = format!(
            "User name,Password,Access key ID,Secret access key\nnobody,secret,,\nalice,,{ID},{SECRET}\n\nbob,,AKIAI44QH8DHBEXAMPLE,s2\nshort\n"
        );
        let rows = read(&text).expect("two rows");
        let users: Vec<&str> = rows.iter().map(|(user, ..)| user.as_str()).collect();
        assert_eq!(users, ["alice", "bob"]);
    }

    #[test]
    fn any_other_file_is_reported_without_any_of_its_text() {
        let long = "a,".repeat(COLUMNS + 1);
        let missing = format!("Access key ID,Secret access key\n{ID}\n");
        let swapped = format!("Access key ID,Secret access key\n{SECRET},{ID}\n");
        let quoted = format!("Access key ID,Secret access key\n{ID},\"{SECRET}\n");
        for (text, told) in [
            ("", "no header with the columns"),
            ("\u{feff}", "no header with the columns"),
            ("hush,hush\n", "no header with the columns"),
            (long.as_str(), "no header with the columns"),
            (
                "[default]\naws_secret_access_key = hush\n",
                "no header with the columns",
            ),
            ("Access key ID\nhush\n", "no header with the columns"),
            ("Access key ID,Secret access key\n", "holds no access key"),
            (&missing, "the secret access key in row 2 is empty"),
            (
                &swapped,
                "the access key id in row 2 and the secret access key in row 2 are swapped",
            ),
        ] {
            let wrong = read(text).expect_err(told);
            assert!(wrong.contains(told), "{text:?}: {wrong}");
            assert!(
                !wrong.contains("hush") && !wrong.contains(SECRET),
                "{wrong}"
            );
        }
        assert!(
            read(&quoted).is_ok(),
            "a quote that is left open ends with the file"
        );
    }
}
