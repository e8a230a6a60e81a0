//! Measures what a login costs that trusts all of a system's certificate authorities, beside one that
//! trusts only the stand-in's. It changes nothing on the system.

use crate::Bench;
use crate::builds::PerBuild;
use crate::files::long_term;
use crate::runner::Figures;
use crate::scene::Scene;
use crate::table::Table;

/// Runs of each row.
const RUNS: usize = 41;

/// How a login is told whom to trust: a variable, and whether its file has the system's authorities too.
const WAYS: [(&str, bool); 4] = [
    ("SSL_CERT_FILE", false),
    ("SSL_CERT_FILE", true),
    ("AWS_CA_BUNDLE", false),
    ("AWS_CA_BUNDLE", true),
];

impl Bench {
    /// They take turns, so that a busy moment of the machine affects all of them.
    pub(crate) fn authorities(&mut self, table: &mut Table) {
        let Some(system) = system() else {
            return;
        };
        let count = self.runs(RUNS);
        let mut rows = WAYS.map(|(variable, all)| {
            let scenes = self.programs.map(|program| {
                let scene = Scene::new(program, &std::env::temp_dir(), count, true);
                let ours = scene.aws.ca_pem().expect("it speaks TLS");
                let trusted = if all { system.as_str() } else { "" };
                let file = scene.home.path().join("trusted.pem");
                std::fs::write(file, format!("{trusted}{ours}")).expect("the home is writable");
                scene.credentials(&long_term())
            });
            (variable, all, scenes, self.programs.map(|_| Vec::new()))
        });
        for _ in 0..count {
            for (variable, _, scenes, runs) in &mut rows {
                runs.run_each(scenes, |scene| {
                    let mut login = scene.login("dev");
                    login.env_remove("AWS_CA_BUNDLE");
                    login.env(*variable, scene.home.path().join("trusted.pem"));
                    self.runner.run(&mut login)
                });
            }
        }
        let number = system.matches("BEGIN CERTIFICATE").count();
        let mut one: Option<PerBuild<Figures>> = None;
        for (variable, all, _, runs) in &rows {
            let authorities = if *all { number + 1 } else { 1 };
            let name = format!("login over TLS, authorities in {variable}: {authorities}");
            table.row(name, runs);
            let median = runs.median();
            match one.take() {
                Some(one) if *all => {
                    let wall = median.zip(&one, |all, one| all.wall_ms - one.wall_ms);
                    let cpu = median.zip(&one, |all, one| all.cpu_ms - one.cpu_ms);
                    table.target("wall above one authority", &wall, 1.0, "ms");
                    table.target("CPU above one authority", &cpu, 1.0, "ms");
                }
                _ => one = Some(median),
            }
        }
    }
}

/// The file of the system's authorities, if it keeps them in one.
#[cfg(all(unix, not(target_os = "macos")))]
fn system() -> Option<String> {
    std::fs::read_to_string(openssl_probe::probe().cert_file?).ok()
}

/// The system keeps them elsewhere.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn system() -> Option<String> {
    None
}
