//! `tongxing rp`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use tongxing_trust_store::{PointUrl, RelyingPartyId};

use super::DataArgs;

/// Relying parties.
#[derive(Debug, Subcommand)]
pub(crate) enum RelyingPartyCommand {
    /// Register a platform; its secret is shown once
    #[command(after_help = "EXAMPLES:\n  tongxing rp add bidding --name 省公共资源交易平台")]
    Add {
        /// Short id: the audience (`aud`) of its tokens
        id: RelyingPartyId,
        /// Its name
        #[arg(long)]
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
    Set(Box<RelyingPartySetArgs>),
    /// Make another secret, shown once; the ones before stay good for a while
    #[command(after_help = "EXAMPLES:\n  tongxing rp secret bidding --keep-old 7d")]
    Secret {
        /// Which platform
        id: RelyingPartyId,
        /// How long the secrets before it stay good: hours (12h) or days (7d), 31d at most
        #[arg(long, value_name = "PERIOD", default_value = "0h", value_parser = period)]
        keep_old: i64,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Show a platform's settings
    #[command(after_help = "EXAMPLES:\n  tongxing rp show bidding")]
    Show {
        /// Which platform
        id: RelyingPartyId,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List all relying parties
    #[command(after_help = "EXAMPLES:\n  tongxing rp list")]
    List {
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Change how a platform shows that it is itself, and what it may ask for
#[derive(Debug, Args)]
#[command(after_help = "\
What is not named stays as it is; every change is journaled.

EXAMPLES:
  tongxing rp set bidding --add-key assertion-key.pem
  tongxing rp set bidding --add-certificate client.pem --per-minute 12000
  tongxing rp set bidding --personal-data disclosed
  tongxing rp set bidding --token-algorithm sm2
  tongxing rp set bidding --access suspended")]
pub(crate) struct RelyingPartySetArgs {
    /// Which platform
    pub(crate) id: RelyingPartyId,
    /// Its name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Whether it may ask for anything
    #[arg(long)]
    pub(crate) access: Option<AccessArg>,
    /// Public key (or certificate) that signs its client assertions (RFC 7523); may be
    /// repeated
    #[arg(long = "add-key", value_name = "FILE")]
    pub(crate) add_keys: Vec<PathBuf>,
    /// SHA-256 of a key, as `rp show` has it; may be repeated
    #[arg(long = "remove-key", value_name = "SHA256")]
    pub(crate) remove_keys: Vec<String>,
    /// Certificate that its TLS clients show (RFC 8705 2.2); may be repeated
    #[arg(long = "add-certificate", value_name = "FILE")]
    pub(crate) add_certificates: Vec<PathBuf>,
    /// SHA-256 of a certificate, as `rp show` has it; may be repeated
    #[arg(long = "remove-certificate", value_name = "SHA256")]
    pub(crate) remove_certificates: Vec<String>,
    /// Verifications a minute, or `default` for the gateway's own setting
    #[arg(long, value_name = "NUMBER", value_parser = or_word::<u32, 'd'>)]
    pub(crate) per_minute: Option<OrNone<u32>>,
    /// Whether it is entitled to personal ids
    #[arg(long)]
    pub(crate) personal_data: Option<PersonalDataArg>,
    /// Where it is told that provisional receipts were decided: an https address that
    /// takes a POST of one JWS by the evidence key (`application/jose`), or `none`
    #[arg(long, value_name = "URL", value_parser = or_word::<PointUrl, 'n'>)]
    pub(crate) webhook: Option<OrNone<PointUrl>>,
    /// With which kind of key its tokens are signed
    #[arg(long)]
    pub(crate) token_algorithm: Option<TokenAlgorithmArg>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Whether a platform may ask for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AccessArg {
    /// It gets tokens and verifications
    Open,
    /// It gets nothing
    Suspended,
}

/// Whether a platform is entitled to personal ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PersonalDataArg {
    /// It reads them masked
    Withheld,
    /// It reads them
    Disclosed,
}

/// With which kind of key a platform's tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokenAlgorithmArg {
    /// The gateway's own: ES256 or EdDSA
    Default,
    /// SM2 with SM3 (`alg` SM2SM3)
    Sm2,
}

/// A value, or the word that stands for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OrNone<T> {
    /// None of its own.
    None,
    /// This one.
    To(T),
}

/// Reads a value, or the word `default` ('d') or `none` ('n').
fn or_word<T, const WORD: char>(text: &str) -> Result<OrNone<T>, String>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let word = if WORD == 'd' { "default" } else { "none" };
    if text == word {
        return Ok(OrNone::None);
    }
    text.parse().map(OrNone::To).map_err(|error| format!("{error}; or write `{word}`"))
}

/// Hours or days, in seconds.
fn period(text: &str) -> Result<i64, String> {
    let wrong = || format!("\"{text}\" is no period such as 12h or 7d");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let unit = match unit {
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let number: u32 = number.parse().map_err(|_| wrong())?;
    Ok(i64::from(number) * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_and_words_are_read() {
        assert_eq!(period("7d"), Ok(7 * 86_400));
        assert_eq!(period("12h"), Ok(12 * 3_600));
        for wrong in ["", "7", "d", "-1d", "7m", "七d"] {
            assert!(period(wrong).is_err(), "{wrong}");
        }
        assert_eq!(or_word::<u32, 'd'>("default"), Ok(OrNone::None));
        assert_eq!(or_word::<u32, 'd'>("7"), Ok(OrNone::To(7)));
        assert!(or_word::<u32, 'd'>("none").is_err());
    }
}
