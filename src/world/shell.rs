//! Tells which shell the user types commands in, as far as the environment shows. It reads nothing but
//! variables.

use super::env::Env;

/// The module folders of Windows itself, and of programs installed for all users, are below one of
/// these.
const OF_WINDOWS: [&str; 4] = [
    "SystemRoot",
    "ProgramFiles",
    "ProgramFiles(x86)",
    "ProgramW6432",
];

/// The path or name of the shell's program.
///
/// `SHELL` is the login shell, which is not always the one that is running. No variable names that one:
/// the marks that some shells leave in the environment are inherited by every other shell started from
/// them. The parent process, which each system reveals in its own way, is often not a shell: `make`, a
/// script, a version manager. A wrong guess only costs the user the wrong words for a line that they
/// know.
///
/// Windows has no such variable, unless Git Bash or another Unix shell sets it.
pub(crate) fn program(env: Env) -> String {
    if let Some(shell) = env.text("SHELL") {
        return shell;
    }
    if !cfg!(windows) {
        return "sh".into();
    }
    let modules = env.text("PSModulePath").unwrap_or_default();
    let folders = OF_WINDOWS.map(|name| env.text(name).unwrap_or_default());
    match is_of_powershell(&modules, &folders) {
        true => "powershell".into(),
        false => "cmd".into(),
    }
}

/// Whether `modules`, the value of `PSModulePath`, is PowerShell's. Windows sets the variable for every
/// program; PowerShell adds a folder of the user's own, outside of the `folders` of Windows.
fn is_of_powershell(modules: &str, folders: &[String]) -> bool {
    let is_in = |module: &str, folder: &String| {
        let start = module.get(..folder.len());
        !folder.is_empty() && start.is_some_and(|start| start.eq_ignore_ascii_case(folder))
    };
    let mut modules = modules.split(';').filter(|module| !module.is_empty());
    modules.any(|module| !folders.iter().any(|folder| is_in(module, folder)))
}

#[cfg(test)]
mod tests {
    use super::is_of_powershell;

    #[test]
    fn the_windows_module_folders_alone_do_not_mean_powershell() {
        let folders = [r"C:\Windows", r"C:\Program Files", ""].map(str::to_owned);
        let of_windows = r"C:\Program Files\WindowsPowerShell\Modules;c:\windows\system32\WindowsPowerShell\v1.0\Modules";
        let sql = r"C:\Program Files (x86)\Microsoft SQL Server\150\Tools\PowerShell\Modules\";
        for (modules, is_powershell) in [
            (String::new(), false),
            (of_windows.to_owned(), false),
            (format!("{of_windows};{sql};"), false),
            (
                format!(r"C:\Users\alice\Documents\WindowsPowerShell\Modules;{of_windows}"),
                true,
            ),
            (format!(r"H:\PowerShell\Modules;{of_windows}"), true),
            (r"\\é".to_owned(), true),
        ] {
            assert_eq!(
                is_of_powershell(&modules, &folders),
                is_powershell,
                "{modules}"
            );
        }
    }
}
