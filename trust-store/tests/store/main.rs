//! The store as the gateway and the command line use it: real certificates of
//! synthetic authorities, a folder on disk, the public interface only.

#![expect(clippy::unwrap_used, reason = "a test panics where its world is not as it should be")]

mod adversary;
mod archive;
mod backup;
mod durability;
mod evidence;
mod images;
mod intermediates;
mod isolation;
mod lists;
mod lookup_keys;
mod memory;
mod namesakes;
mod partitions;
mod past;
mod past_budget;
mod policies;
mod profile;
mod receipts;
mod responses;
mod sign_in;
mod signatures;
mod sm2_user_ids;
mod standby;
mod statistics;
mod world;
