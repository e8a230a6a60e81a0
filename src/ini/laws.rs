
//! Laws of the document, held against generated files and the parser of the AWS SDK for Rust.
