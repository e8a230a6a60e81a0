//! Knows the size limits of IAM and Organizations. It measures no document.

/// How long a document may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// The number of characters.
    pub(crate) characters: usize,
    /// Whether white space between the parts counts.
    pub(crate) counts_white_space: bool,
}

impl Limit {
    /// IAM and STS quotas, "IAM and STS character limits": managed policies.
    pub(super) const MANAGED_POLICY: Self = Self {
        characters: 6_144,
        counts_white_space: false,
    };
    /// The same page: role trust policies, unless the account's quota was raised.
    pub(super) const TRUST_POLICY: Self = Self {
        characters: 2_048,
        counts_white_space: false,
    };
    /// Quotas for AWS Organizations: service control policies. What the command line sends is stored as
    /// it is, including white space.
    pub(super) const SERVICE_CONTROL_POLICY: Self = Self {
        characters: 5_120,
        counts_white_space: true,
    };
}
