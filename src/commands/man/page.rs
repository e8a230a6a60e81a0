//! Makes a manual page from the text of the help, and adds what the help has no room for: the variables
//! and the files. It writes and shows nothing.

use crate::exit::EXIT_CODES;
use clap::builder::Resettable;
use clap::{Arg, Command};
use std::io;

/// The variables of every command that stand in for no option.
const VARIABLES: &str = "  AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE
        where the AWS files are
  AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL_IAM, AWS_CA_BUNDLE,
  HTTPS_PROXY, NO_PROXY
        how AWS is reached, as in the AWS CLI
  NO_COLOR
        if set, output has no color";

const FILES: &str = "  ~/.aws/credentials
        the long-term keys, and the sessions made with them
  ~/.aws/config
        regions, roles, and the settings of a session
  ~/.aws/credentials.awsmfa.lock, ~/.aws/config.awsmfa.lock, ...
        locked while one of the two is written or a code is asked for; they
        hold no keys, and are not deleted";

/// A page. What the help ends with stands there line by line; the library would fill the lines.
pub(super) fn text(command: &Command) -> io::Result<String> {
    let examples = command.get_after_help().map(ToString::to_string);
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    let plain = command
        .clone()
        .override_usage(usage)
        .after_help(Resettable::Reset)
        .after_long_help(Resettable::Reset)
        .version(Resettable::Reset)
        .mut_args(with_aliases);
    let mut page = Vec::new();
    clap_mangen::Man::new(plain)
        .source(concat!("awsmfa ", env!("CARGO_PKG_VERSION")))
        .manual("awsmfa")
        .render(&mut page)?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    if let Some(examples) = &examples {
        // What comes before them is not about examples.
        let begin = examples.find("Examples").unwrap_or(0);
        let examples = &examples[begin..];
        let examples = examples.strip_prefix("Examples:\n").unwrap_or(examples);
        page += &section("EXAMPLES", examples);
    }
    let (_, codes) = EXIT_CODES.split_once('\n').unwrap_or_default();
    page += &section("EXIT STATUS", codes);
    page += &section("ENVIRONMENT", &(variables(command) + VARIABLES));
    page += &section("FILES", FILES);
    if command.get_name() != "awsmfa" {
        page += ".SH \"SEE ALSO\"\nawsmfa(1)\n";
    }
    Ok(page)
}

/// The library leaves out the other names of an option.
fn with_aliases(option: Arg) -> Arg {
    let names: Vec<String> = option
        .get_visible_aliases()
        .unwrap_or_default()
        .iter()
        .map(|name| format!("--{name}"))
        .collect();
    let help = option.get_long_help().or_else(|| option.get_help());
    match help.map(ToString::to_string) {
        Some(help) if !names.is_empty() => {
            option.long_help(format!("{help} [aliases: {}]", names.join(", ")))
        }
        _ => option,
    }
}

/// The variables that stand in for options of `command`, as the help of each says in brackets.
fn variables(command: &Command) -> String {
    let of_one = |option: &Arg| {
        let help = option.get_long_help().or_else(|| option.get_help())?;
        let help = help.to_string();
        let (_, rest) = help.split_once("[variable")?;
        let (rest, _) = rest.split_once([';', ']'])?;
        let words = rest.split([' ', ',', ':', '\n']);
        let names: Vec<&str> = words.filter(|word| word.starts_with("AWS")).collect();
        let (names, option) = (names.join(", "), option.get_long()?);
        Some(format!("  {names}\n        in place of --{option}\n"))
    };
    let options = command.get_arguments().filter(|it| !it.is_hide_set());
    options.filter_map(of_one).collect()
}

/// A section whose lines stay as they are.
fn section(title: &str, text: &str) -> String {
    let lines: String = text
        .lines()
        .map(|line| {
            let line = line.replace('\\', "\\e").replace('-', "\\-");
            // A line that begins so is a request to the formatter.
            let guard = if line.starts_with(['.', '\'']) {
                "\\&"
            } else {
                ""
            };
            format!("{guard}{line}\n")
        })
        .collect();
    format!(".SH \"{title}\"\n.nf\n{lines}.fi\n")
}
