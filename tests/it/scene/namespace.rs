//! Runs awsmfa in a mount namespace of its own, so that the rest of the machine never sees what a test
//! mounts, or as another user. It never mounts anything itself.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Command, Stdio};

use super::Scene;

/// The arguments for unshare that the system allows this user; `None` if it allows no namespace.
pub(crate) fn find_namespace() -> Option<&'static [&'static str]> {
    let tries: [&[&str]; 2] = [&["-m"], &["-rm"]];
    let found = tries.into_iter().find(|args| {
        let mut command = Command::new("unshare");
        command
            .args(*args)
            .args(["mount", "-t", "tmpfs", "none", "/mnt"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|it| it.success())
    });
    if found.is_none() {
        // Written directly to the stream, because the output of a test is shown only if it fails.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: a test of mounts; `unshare -m` (as root) and `unshare -rm` are both refused here"
        );
    }
    found
}

impl Scene {
    /// The same scene, with each run of awsmfa in a shell script in a namespace of its own: `script`
    /// runs it as `"$@"`, and begins in the home folder. `None` if the system allows no namespace.
    pub(crate) fn in_namespace(self, script: &str) -> Option<Self> {
        let namespace = find_namespace()?.join(" ");
        let script = format!("exec unshare {namespace} sh -c '{script}' sh \"$@\"");
        Some(self.wrapped(Path::new(env!("CARGO_BIN_EXE_awsmfa")), &script))
    }

    /// The same scene, with each run of awsmfa by another user, who can see the home. `None` if the
    /// tests don't run as root.
    pub(crate) fn by_other_user(self, id: u32) -> Option<Self> {
        let home = self.home.path();
        if fs::metadata(home).expect("it is there").uid() != 0 {
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: a test of another user; only root can become one"
            );
            return None;
        }
        set_mode(home, 0o755);
        // The build may be in a folder that other users can't enter.
        let program = home.join("awsmfa");
        fs::copy(env!("CARGO_BIN_EXE_awsmfa"), &program).expect("copied");
        let script = format!("exec setpriv --reuid {id} --regid {id} --clear-groups \"$@\"");
        Some(self.wrapped(&program, &script))
    }

    fn wrapped(self, program: &Path, script: &str) -> Self {
        let path = self.home.path().join("wrapped.sh");
        // Including the folders of the administrator's tools.
        let text = format!(
            "#!/bin/sh\nexport PATH=/usr/sbin:/sbin:/usr/bin:/bin\nset -- {} \"$@\"\n{script}\n",
            program.display()
        );
        fs::write(&path, text).expect("the home is writable");
        set_mode(&path, 0o755);
        let home = self.home.program(path);
        Self { home, ..self }
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("the home is writable");
}
