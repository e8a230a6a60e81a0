//! Finds the commands that the help lists, for the tests that go through all of them. It runs nothing
//! itself: `help` does.

/// The commands in the help, including subcommands such as `device list`, without clap's own `help`.
/// `help` returns the output of awsmfa with these arguments.
pub(crate) fn commands(help: &dyn Fn(&[&str]) -> String) -> Vec<String> {
    commands_of("", help)
}

fn commands_of(command: &str, help: &dyn Fn(&[&str]) -> String) -> Vec<String> {
    let text = help(&words_and(command, "--help"));
    let Some((_, list)) = text.split_once("Commands:\n") else {
        return Vec::new();
    };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names
        .filter(|name| !["", "help"].contains(name))
        .map(|name| words_and(command, name).join(" "))
        .flat_map(|command| {
            let within = commands_of(&command, help);
            [command].into_iter().chain(within)
        })
        .collect()
}

/// The words of a command, followed by one more.
pub(crate) fn words_and<'a>(command: &'a str, word: &'a str) -> Vec<&'a str> {
    command.split_whitespace().chain([word]).collect()
}
