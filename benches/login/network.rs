//! Measures logins through a slow network, where round trips dominate the time. It asserts which
//! requests AWS got, never how long they took.

use std::time::Duration;

use crate::Bench;
use crate::builds::PerBuild;
use crate::files::long_term;
use crate::scene::Scene;
use crate::support::proxy::Proxy;
use crate::table::Table;

/// The delay in each direction.
const LATENCY: Duration = Duration::from_millis(100);
/// Runs of each row.
const RUNS: usize = 5;

/// A role that the user may assume, and one that only this role may assume.
const ROLES: &str = "\
[profile outer]
role_arn = arn:aws:iam::123456789012:role/outer
source_profile = dev

[profile inner]
role_arn = arn:aws:iam::123456789012:role/inner
source_profile = outer
";

impl Bench {
    /// One login with the code at hand, the prompt from Enter to the answer, and roles.
    pub(crate) fn slow_network(&mut self, table: &mut Table) {
        self.source(table);
        #[cfg(unix)]
        self.prompt(table);
        self.roles(table, "role", &["outer"]);
        self.roles(table, "chain of two roles", &["outer", "inner"]);
    }

    fn source(&mut self, table: &mut Table) {
        let count = self.runs(RUNS);
        let mut scenes = self.slow_scenes(count);
        let runs = scenes.measure(count, |it| self.runner.run(&mut it.login("dev")));
        table.row("login over TLS, code in hand, 200 ms a round trip", &runs);
        let connections = scenes.map(|it| per_login(proxy(it).connections(), count));
        // The proxy does not count the round trip of the TCP handshake.
        let round_trips = scenes.map(|it| {
            per_login(proxy(it).round_trips(), count) + per_login(proxy(it).connections(), count)
        });
        table.target("round trips", &round_trips, 3.0, "");
        table.target("connections", &connections, 1.0, "");
    }

    #[cfg(unix)]
    fn prompt(&mut self, table: &mut Table) {
        let count = self.runs(RUNS);
        let mut scenes = self.slow_scenes(count);
        let answers = scenes.measure(count, crate::prompt::measure_answer);
        table.row("prompt: Enter to answer, 200 ms a round trip", &answers);
        let slowest = answers.map(|all| all.iter().map(|it| it.wall_ms).fold(0.0, f64::max));
        table.target("slowest", &slowest, 1.1 * round_trip_ms(), "ms");
    }

    /// Signs in at the source and assumes each of `roles` from the one before it.
    fn roles(&mut self, table: &mut Table, name: &str, roles: &[&str]) {
        let count = self.runs(RUNS);
        let mut scenes = self.slow_scenes(count);
        let profile = roles.last().expect("there is a role");
        let runs = scenes.measure(count, |scene| {
            // A session of the source that is still valid would save a request.
            scene.forget_sessions();
            self.runner.run(&mut scene.login(profile))
        });
        table.row(format!("login to a {name}, 200 ms a round trip"), &runs);
        for scene in scenes.iter() {
            let requests = scene.aws.actions().len();
            assert_eq!(requests, count * (1 + roles.len()), "one a session");
        }
        let connections = scenes.map(|it| per_login(it.aws.connections(), count));
        let medians = runs.median();
        let round_trips = medians.map(|it| (it.wall_ms / round_trip_ms()).round());
        // TCP and TLS 1.3 take one round trip each; then the requests follow one another, because each
        // is signed with the keys that the previous one returned.
        let least = (2 + 1 + roles.len()) as f64;
        table.target("round trips, by the clock", &round_trips, least, "");
        table.target("connections", &connections, 1.0, "");
    }

    fn slow_scenes(&self, logins: usize) -> PerBuild<Scene> {
        self.programs.map(|program| {
            let scene = Scene::new(program, &std::env::temp_dir(), logins, true);
            let proxy = Proxy::start(scene.aws.address(), LATENCY);
            let scene = scene.credentials(&long_term()).config(ROLES);
            scene.through(proxy)
        })
    }
}

fn proxy(scene: &Scene) -> &Proxy {
    scene.proxy.as_ref().expect("the way is slow")
}

fn per_login(count: usize, logins: usize) -> f64 {
    count as f64 / logins as f64
}

fn round_trip_ms() -> f64 {
    2.0 * LATENCY.as_secs_f64() * 1e3
}
