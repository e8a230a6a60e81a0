//! Makes everything go wrong at AWS and on the way there: the message names the cause and the next step,
//! the exit code is the documented one, no file changes, and a code is sent again only if it was
//! certainly not processed.

mod answers;
mod refusals;
mod settings;
mod transport;
