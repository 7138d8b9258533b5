//! The store as the gateway and the command line use it: real certificates of
//! synthetic authorities, a folder on disk, the public interface only.

mod durability;
mod isolation;
mod sign_in;
mod world;
