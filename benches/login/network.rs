//! Measures logins through a slow network, where the time is that of the round trips. It never
//! asserts how long that took.

use std::time::Duration;

use crate::Bench;
use crate::builds::PerBuild;
use crate::files::long_term;
use crate::scene::Scene;
use crate::support::proxy::Proxy;
use crate::table::Table;

/// The network, one way.
const LATENCY: Duration = Duration::from_millis(100);
/// Runs of each row.
const RUNS: usize = 5;

impl Bench {
    /// One login with the code in hand, and the prompt from Enter to the answer.
    pub(crate) fn slow_network(&mut self, table: &mut Table) {
        self.source(table);
        #[cfg(unix)]
        self.prompt(table);
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

    fn slow_scenes(&self, logins: usize) -> PerBuild<Scene> {
        self.programs.map(|program| {
            let scene = Scene::new(program, &std::env::temp_dir(), logins, true);
            let proxy = Proxy::start(scene.aws.address(), LATENCY);
            scene.credentials(&long_term()).through(proxy)
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
