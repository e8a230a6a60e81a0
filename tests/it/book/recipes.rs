//! Runs the shell commands, CI jobs and files that the pages show, in the shells that are installed. Other
//! programs are replaced by scripts that do just what the page says about them.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use indoc::{formatdoc, indoc};

use super::{block, blocks, credentials, page, pages};
use crate::action::{self, Runner};
use crate::device::enroll::{CODES, with_app};
use crate::scene::{CONFIG_WITHOUT_DEVICE, alice, alice_without_device};
use crate::support::aws::secrets::Kind;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::run::Run;

/// Runs a script in a home with awsmfa on the path: whether it succeeded, and its output. `None` without
/// that shell.
fn shell(shell: &[&str], home: &Home, aws: &Aws, script: &str) -> Option<(bool, String)> {
    let awsmfa = PathBuf::from(env!("CARGO_BIN_EXE_awsmfa"));
    let folder = awsmfa.parent().expect("a program lies in a folder");
    let (program, flags) = shell.split_first()?;
    let mut command = Command::new(program);
    command.args(flags).arg(script).env_clear();
    home.enter(&mut command);
    let stand_ins = home.path().join("bin");
    let path = format!("{}:{}:/usr/bin:/bin", stand_ins.display(), folder.display());
    command.env("PATH", path).env("AWSMFA_CODE", aws.code(USER));
    let output = command.output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8(text).expect("text"),
    ))
}

fn bash(home: &Home, aws: &Aws, script: &str) -> Option<(bool, String)> {
    shell(&["bash", "--norc", "-c"], home, aws, script)
}

/// The output of a script that has to succeed and may show no secret except a session's.
fn bash_works(home: &Home, aws: &Aws, script: &str) -> Option<String> {
    let (done, said) = bash(home, aws, &format!("set -e\n{script}"))?;
    assert!(done, "{script}\n{said}");
    for (kind, secret) in home.secrets() {
        let is_shown = kind == Kind::LongTerm && said.contains(&secret);
        assert!(!is_shown, "a long-term secret is shown");
    }
    Some(said)
}

/// A program on the path in place of a real one.
fn stand_in(home: &Home, name: &str, script: &str) {
    let folder = home.path().join("bin");
    fs::create_dir_all(&folder).expect("the home is writable");
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("the folder is writable");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

/// In place of a program that uses AWS: it says who it is.
const CALLER: &str = "exec awsmfa whoami";

/// Alice, with her files.
fn at_home() -> (Aws, Home) {
    let aws = alice().start();
    let home = Home::with(&aws).credentials(credentials());
    (aws, home)
}

/// Signs in, so that there is a session.
fn sign_in(home: &Home, aws: &Aws) {
    let run = Run::new(home).args(["login", "-q", "-p", "dev", "--code", &aws.code(USER)]);
    run.run();
}

#[test]
fn every_line_for_a_shell_is_one_that_bash_reads() {
    let (home, aws) = (Home::new(), Aws::start());
    let mut read = 0;
    for path in pages() {
        for block in blocks(&page(&path), "sh") {
            let script = format!("set -n\n{block}");
            if let Some((done, said)) = bash(&home, &aws, &script) {
                assert!(done && said.is_empty(), "{path}: {block}{said}");
            }
            read += 1;
        }
    }
    assert!(read > 25, "the pages have their lines: {read}");
}

#[test]
fn the_alias_the_evaluation_the_prompt_and_the_completions_work() {
    let (aws, home) = at_home();
    let script = [
        "set -e; shopt -s expand_aliases",
        &block("docs/use.md", "sh", "alias dev="),
        "dev; test \"$AWS_PROFILE\" = dev-mfa",
        &block("docs/recipes/prompts.md", "sh", "PS1="),
        "test \"${PS1@P}\" = '(dev) '",
        &block("docs/environment.md", "sh", "export --profile"),
        "test -z \"$AWS_PROFILE$AWSMFA_CODE\"; test -n \"$AWS_SESSION_TOKEN\"",
        &block("docs/environment.md", "sh", "--unset"),
        "test -z \"$AWS_SESSION_TOKEN\"",
        &block("docs/use.md", "sh", "completions bash"),
        "complete -p awsmfa >/dev/null",
        "grep -q '^AWS_SESSION_TOKEN=.' <(awsmfa export -p dev --format env-no-export)",
        "awsmfa logout -p dev 2>/dev/null; test \"${PS1@P}\" = ''",
        "echo whole",
    ]
    .join("\n");
    if let Some((done, said)) = bash(&home, &aws, &script) {
        let good = done && said.contains("whole\n");
        assert!(good, "{said}");
        let secrets = home.secrets().into_iter();
        for (_, secret) in secrets.filter(|(kind, _)| *kind != Kind::Code) {
            assert!(!said.contains(&secret), "a secret is shown");
        }
    }
}

#[test]
fn a_script_ends_where_the_sign_in_fails() {
    let (aws, home) = at_home();
    let line = block("docs/environment.md", "sh", "export --profile");
    let script = format!("set -e\nexport AWSMFA_CODE=12345\n{line}\necho went on");
    if let Some((done, said)) = bash(&home, &aws, &script) {
        assert!(!done && !said.contains("went on"), "{said}");
    }
}

#[test]
fn the_commands_of_the_readme_work_one_after_the_other() {
    let aws = alice().role("admin").needs_mfa().start();
    let home = Home::with(&aws).credentials(credentials()).config(block(
        "docs/roles.md",
        "ini",
        "role_arn",
    ));
    stand_in(
        &home,
        "aws",
        "test \"$1\" != --profile || export AWS_PROFILE=$2\nexec awsmfa whoami",
    );
    let script = [
        "awsmfa login dev".to_owned(),
        block("README.md", "sh", "awsmfa exec"),
        "test -n \"$AWS_SESSION_TOKEN\"; eval \"$(awsmfa export --unset)\"".to_owned(),
        block("README.md", "sh", "awsmfa login admin"),
        "awsmfa whoami admin-mfa".to_owned(),
    ]
    .join("\n");
    if let Some(said) = bash_works(&home, &aws, &script) {
        assert_eq!(said.matches("user/alice").count(), 2, "{said}");
        assert_eq!(said.matches("assumed-role/admin").count(), 1, "{said}");
    }
}

/// The commands after `- run: ` or below `script:` in a job.
fn steps(job: &str) -> Vec<String> {
    let lines = job.lines().map(str::trim);
    let steps = lines.filter_map(|line| line.strip_prefix("- "));
    steps
        .map(|step| step.strip_prefix("run: ").unwrap_or(step).to_owned())
        .collect()
}

/// The keys as a job has them in its environment.
fn keys_of_a_job() -> String {
    format!("export AWS_ACCESS_KEY_ID={KEY_ID} AWS_SECRET_ACCESS_KEY={SECRET_KEY}\n")
}

/// The settings below a word in a job, such as `with:`: names and values, up to the next step or word.
fn settings<'a>(job: &'a str, word: &str) -> Vec<(&'a str, &'a str)> {
    let lines = job.lines().map(str::trim);
    let below = lines.skip_while(|line| *line != word).skip(1);
    let below = below.filter(|line| !line.starts_with('#'));
    below.map_while(|line| line.split_once(": ")).collect()
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn a_job_of_github_hands_the_session_to_its_next_step() {
    let job = block("docs/recipes/ci.md", "yaml", "workflow_dispatch");
    let steps = steps(&job);
    let [first, next] = &steps[..] else {
        panic!("two steps: {steps:?}");
    };
    assert!(first.starts_with("uses: OWNER/awsmfa@COMMIT # "), "{first}");
    let mut inputs = settings(&job, "with:");
    inputs.retain(|(name, _)| !name.starts_with('-'));
    for (name, value) in &mut inputs {
        assert!(action::inputs().iter().any(|it| it == name), "{name}");
        *value = match *value {
            "${{ secrets.AWS_ACCESS_KEY_ID }}" => KEY_ID,
            "${{ secrets.AWS_SECRET_ACCESS_KEY }}" => SECRET_KEY,
            // The name of the workflow's input.
            "code" => "code",
            other => panic!("{name}: {other}"),
        };
    }
    let names: Vec<&str> = inputs.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["code-input", "access-key-id", "secret-access-key"]);
    assert!(job.contains("\n      code: {"), "it has the input");

    let aws = alice().start();
    let home = Home::with(&aws);
    stand_in(&home, "aws", CALLER);
    let runner = Runner::with_release(home);
    let done = runner.sign_in(&inputs, &aws.code(USER));
    assert_eq!(done.status, Some(0), "{}", done.said);
    let said = runner.later(next).said;
    assert!(
        said.contains("user/alice") && said.contains("(ASIA"),
        "{said}"
    );
}

#[test]
fn the_page_about_jobs_explains_every_input_of_the_action() {
    let page = page("docs/recipes/ci.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let rows: String = rows.map(|row| format!("{row}\n")).collect();
    for input in action::inputs() {
        assert!(rows.contains(&format!("`{input}`")), "{input}");
    }
}

#[test]
#[ignore = "needs bash and jq"]
fn a_job_of_github_gives_one_command_the_session() {
    let job = block("docs/recipes/ci.md", "yaml", "exec --code-stdin");
    let (_, script) = job.split_once("- run: |\n").expect("a script");
    let (script, _) = script.split_once("  env:\n").expect("with the keys");
    let aws = alice().start();
    let home = Home::with(&aws);
    stand_in(&home, "aws", CALLER);
    let event = format!("{{\"inputs\": {{\"code\": \"{}\"}}}}", aws.code(USER));
    fs::write(home.path().join("event.json"), event).expect("the home is writable");
    let script = format!(
        "{}GITHUB_EVENT_PATH=event.json\nunset AWSMFA_CODE\n{script}",
        keys_of_a_job()
    );
    let said = bash_works(&home, &aws, &script).expect("there is bash");
    assert!(said.contains("mfa      yes"), "{said}");
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn a_job_of_gitlab_works() {
    let job = block("docs/recipes/ci.md", "yaml", "when: manual");
    let steps = steps(&job);
    assert_eq!(steps.len(), 7, "{steps:?}");
    let variables = settings(&job, "variables:");
    let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["VERSION", "SHA256", "RELEASES"]);
    assert!(job.contains("/OWNER/awsmfa/releases/download\n"), "{job}");

    // As it should be, a wrong sum, and a program that can't start here.
    let program = env!("CARGO_BIN_EXE_awsmfa");
    for (program, has_sum) in [(program, true), (program, false), ("/nowhere/awsmfa", true)] {
        let is_good = has_sum && !program.starts_with("/nowhere");
        let aws = alice().start();
        let home = Home::with(&aws);
        stand_in(&home, "aws", CALLER);
        let runner = Runner::with_program(home, Path::new(program));
        let sum = runner.sum("x86_64-unknown-linux-musl.tar.gz");
        let sum = if has_sum { sum } else { "0".repeat(64) };
        let version = action::VERSION;
        let releases = runner.path("server/owner/awsmfa/releases/download");
        let script = formatdoc! {"
            set -eo pipefail
            {}export VERSION={version} SHA256={sum} RELEASES=file://{}
            {}
        ", keys_of_a_job(), releases.display(), steps.join("\n")};
        let (done, said) = bash(runner.home(), &aws, &script).expect("there is bash");
        assert_eq!(
            (done, said.contains("mfa      yes")),
            (is_good, is_good),
            "{said}"
        );
        assert!(!said.contains(SECRET_KEY), "{said}");
        assert!(
            is_good || !said.contains("user/alice"),
            "it went on with the long-term keys: {said}"
        );
        assert_eq!(
            runner
                .path(&format!("awsmfa-{version}-x86_64-unknown-linux-musl"))
                .exists(),
            has_sum
        );
    }
}

/// In place of curl: takes the release from a folder.
const RELEASE: &str = indoc! {r#"
    test "$1" = -fLO || exit 2
    shift
    for word; do
        case $word in
        -O) ;;
        https://github.com/OWNER/awsmfa/releases/download/v1.2.3/*)
            cp "$HOME/release/${word##*/}" . || exit 22 ;;
        *) exit 3 ;;
        esac
    done"#};

#[test]
fn an_archive_is_installed_only_if_its_sum_is_right() {
    let aws = Aws::start();
    for (target, program) in [
        ("x86_64-unknown-linux-musl", "sha256sum"),
        ("aarch64-apple-darwin", "shasum"),
    ] {
        let lines = block("docs/install.md", "sh", &format!("{target}.tar.gz -O"));
        assert!(lines.contains(&format!("{program} ")), "{lines}");
        // GNU's install and sha256sum are not on macOS.
        let is_here = bash(&Home::new(), &aws, &format!("command -v {program}"));
        if !is_here.is_some_and(|(is_here, _)| is_here)
            || program == "sha256sum" && cfg!(not(target_os = "linux"))
        {
            continue;
        }
        let name = format!("awsmfa-1.2.3-{target}");
        for (what, is_good) in [
            ("the release", true),
            ("another sum", false),
            ("no sum", false),
            ("no archive", false),
            ("no sums", false),
        ] {
            let home = Home::new();
            stand_in(&home, "curl", RELEASE);
            let pack = formatdoc! {"
                set -e
                mkdir -p release {name}
                printf '#!/bin/sh\necho installed\n' >{name}/awsmfa
                chmod +x {name}/awsmfa
                tar -czf release/{name}.tar.gz {name}
                rm -r {name}
                cd release
                {program} {algorithm} {name}.tar.gz >SHA256SUMS
                echo {zeros}  awsmfa.rb >>SHA256SUMS
            ", algorithm = if program == "shasum" { "-a 256" } else { "" }, zeros = "0".repeat(64)};
            let (done, said) = bash(&home, &aws, &pack).expect("there is bash");
            assert!(done, "{said}");
            let release = home.path().join("release");
            let (archive, sums) = (
                release.join(format!("{name}.tar.gz")),
                release.join("SHA256SUMS"),
            );
            let text = fs::read_to_string(&sums).expect("it was made");
            let done = match what {
                "another sum" => fs::write(&sums, text.replace(&text[..64], &"0".repeat(64))),
                "no sum" => fs::write(&sums, text.replace(&name, "other")),
                "no archive" => fs::remove_file(&archive),
                "no sums" => fs::remove_file(&sums),
                _ => Ok(()),
            };
            done.expect("the home is writable");
            let (done, said) = bash(&home, &aws, &lines).expect("there is bash");
            let installed = home.path().join(".local/bin/awsmfa");
            assert_eq!(
                (done, installed.exists()),
                (is_good, is_good),
                "{what}: {said}"
            );
            assert!(
                is_good || !home.path().join(&name).exists(),
                "{what}: {said}"
            );
        }
    }
}

#[test]
fn a_code_comes_on_standard_input() {
    let (aws, home) = at_home();
    let line = block("docs/recipes/ci.md", "sh", "--code-stdin");
    let script = format!("CODE=$AWSMFA_CODE; unset AWSMFA_CODE\n{line}");
    if let Some(said) = bash_works(&home, &aws, &script) {
        assert!(said.contains("\"renewed\":true"), "{said}");
    }
}

#[test]
fn a_container_gets_the_session_as_a_file_of_variables_or_the_folder() {
    let (aws, home) = at_home();
    sign_in(&home, &aws);
    let docker = indoc! {"
        shift 2
        case $1 in
            --env-file)
                # Docker takes each line as it is: no command, no quotes.
                while IFS= read -r line; do export \"$line\" || exit 1; done <\"$2\"
                exec awsmfa whoami;;
            -v) test \"$2\" = \"$HOME/.aws:/root/.aws:ro\"; export \"$4\"; exec awsmfa whoami;;
        esac"};
    stand_in(&home, "docker", docker);
    for way in ["--env-file", "-v "] {
        let line = block("docs/recipes/docker.md", "sh", way);
        if let Some(said) = bash_works(&home, &aws, &line) {
            assert!(said.contains("mfa      yes"), "{way}: {said}");
        }
    }
}

#[test]
fn each_tool_gets_the_profile_of_the_session() {
    for (text, programs) in [
        ("terraform apply", &["terraform"][..]),
        ("cdk deploy", &["cdk", "sam"]),
        ("code .", &["code"]),
    ] {
        let (aws, home) = at_home();
        sign_in(&home, &aws);
        for program in programs {
            stand_in(&home, program, CALLER);
        }
        let lines = block("docs/recipes/tools.md", "sh", text);
        if let Some(said) = bash_works(&home, &aws, &lines) {
            let told = said.matches("keys     profile dev-mfa");
            assert_eq!(told.count(), programs.len(), "{said}");
        }
    }
}

#[test]
fn a_tool_that_can_not_assume_a_role_gets_the_profile_of_its_session() {
    let aws = alice().role("admin").needs_mfa().start();
    let role = block("docs/roles.md", "ini", "role_arn");
    let config = format!("{role}region = eu-central-1\n[profile dev]\nregion = us-east-2\n");
    let home = Home::with(&aws).credentials(credentials()).config(config);
    stand_in(&home, "TOOL", CALLER);
    let lines = block("docs/recipes/tools.md", "sh", "admin-mfa TOOL");
    if let Some(said) = bash_works(&home, &aws, &lines) {
        assert!(said.contains("keys     profile admin-mfa"), "{said}");
        assert!(said.contains("assumed-role/admin/"), "{said}");
        let regions = home.read_config();
        let regions = regions.lines().filter(|it| it.starts_with("region"));
        // As the page says: that of the role's profile.
        let own = regions.filter(|it| it.ends_with("eu-central-1"));
        assert_eq!(own.count(), 2, "{}", home.read_config());
    }
}

#[test]
fn a_profile_renews_itself() {
    let (aws, home) = at_home();
    sign_in(&home, &aws);
    let profile = block("docs/recipes/tools.md", "ini", "credential_process");
    let (_, command) = profile
        .split_once("credential_process = ")
        .expect("the setting");
    let home = home.config(&profile);
    let script = format!("unset AWSMFA_CODE\nAWS_PROFILE=work awsmfa whoami\n{command}");
    if let Some(said) = bash_works(&home, &aws, &script) {
        assert!(said.contains("user/alice"), "{said}");
        assert!(said.contains("\"SessionToken\":"), "{said}");
    }
}

#[test]
fn the_prompts_of_zsh_and_fish_show_the_session() {
    let (aws, home) = at_home();
    sign_in(&home, &aws);
    let zsh = block("docs/recipes/prompts.md", "zsh", "PROMPT=");
    let script = format!(
        "PROMPT='> '\n{zsh}\nprint -P \"$PROMPT\"; awsmfa logout -qp dev; print -P \"$PROMPT\""
    );
    if let Some((_, said)) = shell(&["zsh", "-f", "-c"], &home, &aws, &script) {
        assert_eq!(said, "(dev) > \n> \n");
    }
    sign_in_again(&home, &aws);
    let fish = block("docs/recipes/prompts.md", "fish", "fish_right_prompt");
    let script = format!("{fish}\nfish_right_prompt; awsmfa logout -qp dev; fish_right_prompt");
    if let Some((_, said)) = shell(&["fish", "--no-config", "-c"], &home, &aws, &script) {
        assert_eq!(said, "(dev)\n");
    }
}

/// The same with the code after that of [`sign_in`].
fn sign_in_again(home: &Home, aws: &Aws) {
    let code = aws.code_at(USER, 1);
    let run = Run::new(home).args(["login", "-q", "-p", "dev", "--code", &code]);
    run.check_stderr(|_| {}).run();
}

/// The commands on a page that supply codes: in a table, behind an option, or as a setting.
fn commands_for_codes(path: &str) -> Vec<String> {
    let page = page(path);
    let rows = page.lines().filter_map(|line| {
        let command = line.strip_suffix("` |")?.rsplit_once("| `")?.1;
        Some(command.to_owned())
    });
    let options = page.split("--code-command '").skip(1);
    let options = options.filter_map(|rest| Some(rest.split_once('\'')?.0.to_owned()));
    let settings = page
        .lines()
        .filter_map(|line| line.strip_prefix("mfa_process = "));
    rows.chain(options)
        .chain(settings.map(str::to_owned))
        .collect()
}

#[test]
fn every_command_for_codes_signs_in() {
    let commands = commands_for_codes("docs/recipes/codes.md");
    assert!(commands.len() >= 7, "{commands:?}");
    for command in commands {
        let (aws, home) = at_home();
        let (program, args) = command.split_once(' ').expect("it has arguments");
        // The code is on the first line, and more may follow.
        let given = format!(
            "test \"$*\" = '{args}' && echo {} && echo more",
            aws.code(USER)
        );
        stand_in(&home, program, &given);
        let quoted = command.replace('\'', "'\\''");
        let script =
            format!("unset AWSMFA_CODE\nawsmfa login -p dev --code-command '{quoted}' 2>&1");
        if let Some(said) = bash_works(&home, &aws, &script) {
            assert!(said.contains("dev-mfa is ready"), "{command}: {said}");
        }
    }
}

#[test]
fn a_setting_for_codes_signs_in() {
    let (aws, home) = at_home();
    let profile = block("docs/recipes/codes.md", "ini", "mfa_process");
    let home = home.config(profile);
    stand_in(&home, "ykman", &format!("echo {}", aws.code(USER)));
    let script = "unset AWSMFA_CODE\nawsmfa login -p dev";
    if let Some(said) = bash_works(&home, &aws, script) {
        assert!(said.contains("dev-mfa is ready"), "{said}");
    }
}

#[test]
fn a_program_takes_the_secret_of_a_new_device_and_gives_its_codes() {
    for (path, program, takes) in [
        ("docs/devices.md", "pass", "insert -m aws"),
        ("docs/recipes/codes.md", "ykman", "oath accounts add aws"),
    ] {
        let aws =
            alice_without_device().delays(chrono::TimeDelta::zero(), chrono::TimeDelta::zero());
        let aws = aws.start();
        let home = Home::with(&aws)
            .credentials(credentials())
            .config(CONFIG_WITHOUT_DEVICE);
        let given = format!("if test \"$*\" = '{takes}'; then cat >secret; else {CODES}; fi");
        stand_in(&home, program, &given);
        let line = block(path, "sh", "--secret-command");
        let script = format!("set -e\nunset AWSMFA_CODE\n{line}");
        let ran = with_app(&aws, home.path(), USER, || {
            bash_without_code(&home, &script)
        });
        let Some((done, said)) = ran else { return };
        assert!(done && said.contains("dev-mfa is ready"), "{path}: {said}");
        let secret = fs::read_to_string(home.path().join("secret")).expect("it was given");
        assert_eq!(secret.contains("otpauth://"), program == "pass");
    }
}

/// Runs a script in bash while no device exists to give a code.
fn bash_without_code(home: &Home, script: &str) -> Option<(bool, String)> {
    let other = Aws::start();
    bash(home, &other, script)
}

#[test]
fn keys_come_from_the_file_of_the_console_or_a_password_manager() {
    let lines = block("docs/setup.md", "sh", "--from-csv");
    for line in lines.lines() {
        let aws = alice().start();
        let home = Home::with(&aws);
        stand_in(&home, "pass", &format!("echo {KEY_ID}\necho {SECRET_KEY}"));
        let csv = format!("Access key ID,Secret access key\n{KEY_ID},{SECRET_KEY}\n");
        fs::write(home.path().join("alice_accessKeys.csv"), csv).expect("the home is writable");
        let script = format!("{line} </dev/null").replace("# the", ";: the");
        let script = match line.contains('|') {
            true => line.to_owned(),
            false => script,
        };
        if let Some((_, said)) = bash(&home, &aws, &script) {
            assert!(said.contains("stored access key"), "{line}: {said}");
        }
    }
}

#[test]
fn a_rotation_runs_by_itself_once_a_day() {
    let (aws, home) = at_home();
    let command = block("docs/rotation.md", "sh", "--no-input");
    stand_in(&home, "ykman", &format!("echo {}", aws.code(USER)));
    let script = format!("unset AWSMFA_CODE\n{command}");
    let Some(said) = bash_works(&home, &aws, &script) else {
        return;
    };
    assert!(said.contains("\"rotated\":true"), "{said}");
    let (again, said) = bash(&home, &aws, &script).expect("there is bash");
    assert!(!again, "{said}");
}

#[test]
fn a_program_without_a_terminal_checks_first() {
    let (aws, home) = at_home();
    let check = block("docs/recipes/unattended.md", "sh", "status");
    let script = format!("unset AWSMFA_CODE\n{check}");
    let none = format!("{script}\ntest $? = 3 && echo none");
    let Some((_, said)) = bash(&home, &aws, &none) else {
        return;
    };
    assert_eq!(said, "none\n");
    sign_in(&home, &aws);
    let (is_there, said) = bash(&home, &aws, &script).expect("there is bash");
    assert!(is_there && said.is_empty(), "{said}");
}

/// Files as other tools leave them, and what awsmfa makes of them according to the page.
mod other_tools {
    use super::*;

    const TOKEN: &str = "aws_session_token = FwoGZXIvYXdzEXAMPLETOKEN\n";

    fn keys(of: &str) -> String {
        format!("aws_access_key_id = {of}\naws_secret_access_key = {SECRET_KEY}\n")
    }

    fn session() -> String {
        keys("ASIAIOSFODNN7EXAMPLE") + TOKEN
    }

    #[test]
    fn aws_mfa_keeps_its_names() {
        let aws = alice().start();
        let old = formatdoc! {"
            [dev-long-term]
            {}aws_mfa_device = arn:aws:iam::123456789012:mfa/alice

            [dev]
            assumed_role = False
            {}aws_security_token = FwoGZXIvYXdzEXAMPLETOKEN
            expiration = 2026-11-26 20:00:00
        ", keys(KEY_ID), session()};
        let home = Home::with(&aws).credentials(old);
        let line = "awsmfa login dev-long-term --session-profile dev";
        assert!(page("docs/coming-from.md").contains(&format!("`{line}`")));
        if let Some(said) = bash_works(&home, &aws, line) {
            assert!(said.contains("dev is ready"), "{said}");
            let now = home.read_credentials();
            assert!(
                !now.contains("EXAMPLETOKEN") && !now.contains("\nexpiration"),
                "{now}"
            );
            assert!(now.contains("x_security_token_expires"), "{now}");
        }
    }

    #[test]
    fn sessions_of_the_aws_cli_awsume_and_granted_are_listed_and_taken_over() {
        let aws = alice().start();
        let others = formatdoc! {"
            [session-ab12c]
            {0}#expiration = # Credentials expire at: 2099-11-26 20:00:00 UTC

            [out]
            manager = awsume
            {0}expiration = 2099-11-26 20:00:00
            region = us-east-1

            [granted]
            {0}
        ", session()};
        let home = Home::with(&aws).credentials(credentials() + "\n" + &others);
        let status = Run::new(&home).args(["status"]).check_stdout(|it| {
            let state = |profile: &str| {
                let row = it.lines().find(|line| line.starts_with(profile))?;
                row.split_whitespace().nth(2).map(str::to_owned)
            };
            assert_eq!(state("session-ab12c").as_deref(), Some("unknown"), "{it}");
            assert_eq!(state("out").as_deref(), Some("valid"), "{it}");
            assert_eq!(state("granted").as_deref(), Some("unknown"), "{it}");
        });
        status.check_stderr(|_| {}).run();
        let codes = aws.codes(USER);
        for target in ["session-ab12c", "out"] {
            let line = format!("awsmfa login dev --session-profile {target}");
            assert!(
                page("docs/coming-from.md").contains(&format!("`{line}`")),
                "{line}"
            );
            let code = codes.unused().expect("a code for each");
            let run = Run::new(&home)
                .args(line.split(' ').skip(1))
                .args(["--code", &code, "--force"]);
            run.check_stderr(move |it| assert!(it.contains("is ready until"), "{it}"))
                .run();
        }
        // What they wrote beside the keys stays.
        let now = home.read_credentials();
        assert!(
            now.contains("#expiration = #") && now.contains("manager = awsume"),
            "{now}"
        );
    }

    #[test]
    fn the_keystore_of_aws_vault_supplies_the_key() {
        let aws = alice().start();
        let home = Home::with(&aws).config(block("docs/coming-from.md", "ini", "aws-vault"));
        let script = formatdoc! {r#"
            test "$*" = 'export --no-session --format=json dev' || exit 1
            echo '{{"Version":1,"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET_KEY}"}}'"#};
        stand_in(&home, "aws-vault", &script);
        if let Some(said) = bash_works(&home, &aws, "awsmfa login dev") {
            assert!(said.contains("dev-mfa is ready"), "{said}");
            assert!(!home.read_credentials().contains(SECRET_KEY));
        }
    }
}
