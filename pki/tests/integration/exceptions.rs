//! The cases of the suites in which we differ, each with its reason.

/// The exceptions of one suite.
pub(crate) struct Exceptions {
    cases: Vec<&'static str>,
}

const TABLE: &str = include_str!("exceptions.txt");

impl Exceptions {
    /// Lines are `suite | case | reason`; `#` begins a comment.
    pub(crate) fn of(suite: &str) -> Self {
        let lines = TABLE.lines().map(str::trim);
        let cases = lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| {
                let fields: Vec<_> = line.splitn(3, " | ").collect();
                let [suite, case, reason] = fields[..] else {
                    panic!("not `suite | case | reason`: {line}");
                };
                assert!(reason.len() > 20, "no reason given: {line}");
                (suite, case)
            })
            .filter(|(of, _)| *of == suite)
            .map(|(_, case)| case)
            .collect();
        Self { cases }
    }

    pub(crate) fn has(&self, case: &str) -> bool {
        self.cases.contains(&case)
    }

    pub(crate) fn cases(&self) -> impl Iterator<Item = &'static str> {
        self.cases.iter().copied()
    }
}
