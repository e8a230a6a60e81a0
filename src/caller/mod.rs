//! Decides whose keys sign a request, and with which settings AWS is reached: the floor between the
//! recipes and AWS. It sends nothing itself.

pub(crate) mod credential_process;
pub(crate) mod keys;
pub(crate) mod named;
pub(crate) mod nested;
mod reach;
pub(crate) mod stored;
pub(crate) mod way;

pub(crate) use reach::Reach;
