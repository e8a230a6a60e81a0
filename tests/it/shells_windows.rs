//! Lets cmd.exe evaluate the output of `export`, and the lines that awsmfa tells its users to type. It
//! knows no other shell: `shells` does.

use std::os::windows::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::export::CLEARED;
use crate::scene::{Scene, output_text};
use crate::support::aws::USER;
use crate::support::home::Home;

/// The line of the documentation with which cmd.exe evaluates an export.
fn recipe() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/environment.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let line = page.lines().find_map(|line| {
        let (_, rest) = line.split_once("| cmd.exe | `")?;
        Some(rest.split_once("` |")?.0.to_owned())
    });
    let line = line.expect("the table has cmd.exe");
    if runs_variables() {
        return line;
    }
    // The same for the real one.
    eprintln!("this cmd.exe is Wine's before 9: instead of `@%i` it gets `@if 1==1 %i`");
    line.replace("do @%i", "do @if 1==1 %i")
}

/// Whether this cmd.exe runs a command with arguments that a variable of `for` holds, as that of Windows
/// and newer ones of Wine do.
fn runs_variables() -> bool {
    let mut command = Command::new("cmd.exe");
    let line = r#"/d /s /c "(for /f "delims=" %i in ('echo set A=it does') do @%i)& set A""#;
    let output = command.raw_arg(line).output().expect("cmd.exe is there");
    // Wine's complaint contains it, too.
    let said = output_text(&output);
    said.lines().any(|line| line == "A=it does")
}

/// cmd.exe in `home`, which finds awsmfa by its name.
fn cmd(home: &Home) -> Command {
    let awsmfa = home.command(["status"]);
    let folder = Path::new(env!("CARGO_BIN_EXE_awsmfa")).parent();
    let mut path = folder.expect("it is in a folder").as_os_str().to_owned();
    let mut command = Command::new("cmd.exe");
    command.env_clear();
    for (name, value) in awsmfa.get_envs() {
        match value {
            Some(value) if name == "PATH" => {
                path.push(";");
                path.push(value);
            }
            Some(value) => drop(command.env(name, value)),
            None => {}
        }
    }
    command.env("PATH", path).env("AWS_PROFILE", "dev");
    command.current_dir(home.path());
    command
}

/// What cmd.exe says that evaluates `line` and then runs `then`, and whether all went well.
fn says(command: &mut Command, line: &str, then: &str) -> (bool, String) {
    // The quotes around it all are cmd.exe's own rule.
    let output = command
        .raw_arg(format!("/d /s /c \"({line})& {then}\""))
        .output();
    let output = output.expect("cmd.exe is there");
    (output.status.success(), output_text(&output))
}

#[test]
fn the_recipe_sets_the_session_and_clears_what_would_come_before_it() {
    let scene = Scene::signed_in();
    let mut command = cmd(&scene.home);
    for name in CLEARED {
        command.env(name, "stale");
    }
    command.env("AWS_PROFILE", "dev");
    let (worked, said) = says(&mut command, &recipe(), "set");
    assert!(worked, "{said}");
    let credentials = scene.home.read_credentials();
    let stored = |key: &str| {
        let section = credentials.split("[dev-mfa]").nth(1).expect("a session");
        let mut pairs = section.lines().filter_map(|line| line.split_once(" = "));
        pairs.find(|(name, _)| *name == key).expect("a key").1
    };
    for (variable, value) in [
        ("AWS_ACCESS_KEY_ID", stored("aws_access_key_id")),
        ("AWS_SECRET_ACCESS_KEY", stored("aws_secret_access_key")),
        ("AWS_SESSION_TOKEN", stored("aws_session_token")),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_OUTPUT", "json"),
    ] {
        let line = format!("{variable}={value}");
        assert!(said.lines().any(|it| it == line), "{line}\n{said}");
    }
    for name in CLEARED.into_iter().filter(|it| *it != "AWS_ACCOUNT_ID") {
        let begin = format!("{name}=");
        assert!(
            !said.lines().any(|it| it.starts_with(&begin)),
            "{name}\n{said}"
        );
    }
}

#[test]
fn the_recipe_works_in_a_batch_file_with_the_percent_signs_doubled() {
    let scene = Scene::signed_in();
    let script = format!("@{}\r\n@set AWS_\r\n", recipe().replace("%i", "%%i"));
    std::fs::write(scene.home.path().join("in.bat"), script).expect("there is room");
    let mut command = cmd(&scene.home);
    let (worked, said) = says(&mut command, "call in.bat", "rem");
    assert!(worked, "{said}");
    let id = "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE";
    assert!(said.lines().any(|it| it == id), "{said}");
    assert!(!said.contains("AWS_PROFILE="), "{said}");
}

#[test]
fn the_recipe_with_unset_clears_the_session() {
    let scene = Scene::signed_in();
    let unset = recipe().replace("export ", "export --unset ");
    let both = format!("{})& ({unset}", recipe());
    let (worked, said) = says(&mut cmd(&scene.home), &both, "set");
    assert!(worked, "{said}");
    for name in ["AWS_ACCESS_KEY_ID=", "AWS_SESSION_TOKEN=", "AWS_REGION="] {
        assert!(!said.contains(name), "{said}");
    }
}

#[test]
fn an_evaluation_fails_where_the_sign_in_fails() {
    let scene = Scene::default();
    let then = "if errorlevel 1 echo it failed";
    let (_, said) = says(&mut cmd(&scene.home), &recipe(), then);
    assert!(said.contains("it failed"), "{said}");
    let scene = Scene::signed_in();
    let (_, said) = says(&mut cmd(&scene.home), &recipe(), then);
    assert!(!said.contains("it failed"), "{said}");
}

/// The line that `run` suggests.
fn suggested(mut run: Command) -> String {
    let said = output_text(&run.output().expect("awsmfa was built"));
    let line = said.lines().find_map(|it| it.strip_prefix("use it with: "));
    line.unwrap_or_else(|| panic!("{said}")).to_owned()
}

#[test]
fn the_line_suggested_after_a_login_works() {
    let scene = Scene::signed_in();
    for profile in ["dev-mfa", "a%b:c+d@e/f.g"] {
        let text = scene.home.read_credentials();
        let text = text.replace("[dev-mfa]", &format!("[{profile}]"));
        let home = Home::new()
            .credentials(text)
            .config(scene.home.read_config());
        let args = ["login", "dev", "--session-profile", profile];
        let mut login = home.command(args);
        login.env("AWS_DEFAULT_PROFILE", "dev");
        let line = suggested(login);
        assert!(line.starts_with("set "), "{line}");
        let mut command = cmd(&home);
        command.env("AWS_DEFAULT_PROFILE", "dev");
        let (worked, said) = says(&mut command, &line, "set AWS_");
        assert!(worked, "{said}");
        let line = format!("AWS_PROFILE={profile}");
        assert!(said.lines().any(|it| it == line), "{line}\n{said}");
        assert!(!said.contains("AWS_DEFAULT_PROFILE="), "{said}");
    }
}

#[test]
fn the_code_of_a_variable_can_be_piped_as_the_help_shows() {
    let scene = Scene::default();
    let mut help = scene.home.command(["login", "--help"]);
    let help = output_text(&help.output().expect("awsmfa was built"));
    let line = help
        .lines()
        .find(|line| line.contains("--code-stdin --json"));
    let line = line.unwrap_or_else(|| panic!("{help}")).trim();
    let mut command = cmd(&scene.home);
    command.env("CODE", scene.aws.code(USER));
    let (worked, said) = says(&mut command, line, "rem");
    assert!(worked, "{said}");
    assert!(said.contains("\"renewed\":true"), "{said}");
}
