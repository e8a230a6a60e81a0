//! Compares builds of awsmfa: runs the current one and, if asked, alternates it with an older one. It
//! never builds anything itself.

use std::path::{Path, PathBuf};

use crate::runner::Figures;

/// The variable with the path of the older build.
const BEFORE: &str = "AWSMFA_BENCH_BEFORE";

/// One thing per build: its program, its home, its runs or a figure.
pub(crate) struct PerBuild<T>(Vec<T>);

impl<T> PerBuild<T> {
    /// A thing of the current build alone.
    pub(crate) fn only(fresh: T) -> Self {
        Self(vec![fresh])
    }

    /// The thing of the current build, the one compared with the targets.
    pub(crate) fn fresh(&self) -> &T {
        &self.0[0]
    }

    /// The thing of the older build, if there is one.
    pub(crate) fn before(&self) -> Option<&T> {
        self.0.get(1)
    }

    /// The thing of each build, the current one first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// Makes something else from each.
    pub(crate) fn map<U>(&self, make: impl FnMut(&T) -> U) -> PerBuild<U> {
        PerBuild(self.0.iter().map(make).collect())
    }

    /// Combines each with what `other` has for the same build.
    pub(crate) fn zip<U, V>(
        &self,
        other: &PerBuild<U>,
        mut combine: impl FnMut(&T, &U) -> V,
    ) -> PerBuild<V> {
        let pairs = self.0.iter().zip(&other.0);
        PerBuild(pairs.map(|(one, other)| combine(one, other)).collect())
    }

    /// Runs each build `runs` times, alternating.
    pub(crate) fn measure(
        &mut self,
        runs: usize,
        mut run: impl FnMut(&mut T) -> Figures,
    ) -> PerBuild<Vec<Figures>> {
        let mut measured = self.map(|_| Vec::new());
        for _ in 0..runs {
            measured.run_each(self, &mut run);
        }
        measured
    }
}

impl PerBuild<PathBuf> {
    /// The programs to measure: the one that Cargo has just built, or a path among the arguments; and
    /// the one named by the environment.
    pub(crate) fn find() -> Self {
        // Cargo adds flags of its own, which are not files.
        let mut args = std::env::args_os().skip(1).map(PathBuf::from);
        let fresh = args.find_map(|it| it.canonicalize().ok());
        let mut programs = vec![fresh.unwrap_or_else(|| env!("CARGO_BIN_EXE_awsmfa").into())];
        if let Some(before) = std::env::var_os(BEFORE) {
            let before = PathBuf::from(before);
            let found = before.canonicalize();
            let cannot_find = |why| panic!("{BEFORE}: {}: {why}", before.display());
            programs.push(found.unwrap_or_else(cannot_find));
        }
        Self(programs)
    }

    /// If there are two programs, copies of them in `folder`: a newly linked program starts a tenth of a
    /// millisecond later than a copy of it, and the ratios would show that.
    pub(crate) fn alike(self, folder: &Path) -> Self {
        if self.before().is_none() {
            return self;
        }
        let copy = |(at, program): (usize, &PathBuf)| {
            let copy = folder.join(format!("{at}-awsmfa"));
            std::fs::copy(program, &copy).expect("there is room");
            copy
        };
        Self(self.iter().enumerate().map(copy).collect())
    }
}

impl PerBuild<Vec<Figures>> {
    /// Runs each build once more. The order changes each time, so that neither always runs right after
    /// the other.
    pub(crate) fn run_each<T>(
        &mut self,
        builds: &mut PerBuild<T>,
        mut run: impl FnMut(&mut T) -> Figures,
    ) {
        let count = builds.0.len();
        let first = self.fresh().len();
        for at in (first..first + count).map(|at| at % count) {
            self.0[at].push(run(&mut builds.0[at]));
        }
    }

    /// The median of each figure, taken separately.
    pub(crate) fn median(&self) -> PerBuild<Figures> {
        self.map(|runs| Figures::median(runs))
    }
}
