//! What a deployment needs to know, apart from AWS itself.

pub mod causes;
