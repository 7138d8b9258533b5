//! Who can open a backup: age X25519 keys, as other age programs write them.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::BackupError;

/// Whom a backup is for: the public half of a [`BackupIdentity`].
#[derive(Clone)]
pub struct BackupRecipient(pub(super) age::x25519::Recipient);

impl fmt::Display for BackupRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for BackupRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for BackupRecipient {
    type Err = BackupError;

    fn from_str(text: &str) -> Result<Self, BackupError> {
        let text = text.trim();
        let recipient = text.parse();
        recipient.map(Self).map_err(|why| BackupError::Recipient { text: text.to_owned(), why })
    }
}

/// The secret that opens a backup. It is kept away from the gateway.
#[derive(Clone)]
pub struct BackupIdentity(pub(super) age::x25519::Identity);

impl fmt::Debug for BackupIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackupIdentity({})", self.recipient())
    }
}

impl BackupIdentity {
    /// A new one.
    pub fn generate() -> Self {
        Self(age::x25519::Identity::generate())
    }

    /// Whom to encrypt to so that this one opens it.
    pub fn recipient(&self) -> BackupRecipient {
        BackupRecipient(self.0.to_public())
    }

    /// The text of an identity file, for this and other age programs.
    pub fn to_file(&self) -> Zeroizing<String> {
        let (public, secret) = (self.recipient(), self.0.to_string());
        Zeroizing::new(format!("# public key: {public}\n{}\n", secret.expose_secret()))
    }

    /// The identities in the text of an identity file; `path` is what errors name.
    ///
    /// # Errors
    /// [`BackupError::Identity`] if there is none, or a line is none.
    pub fn from_file(path: &Path, text: &str) -> Result<Vec<Self>, BackupError> {
        let fault = |why: String| BackupError::Identity { path: path.to_owned(), why };
        let mut found = Vec::new();
        for (line, number) in text.lines().map(str::trim).zip(1..) {
            if !line.is_empty() && !line.starts_with('#') {
                let parsed = line.parse::<age::x25519::Identity>();
                found.push(Self(parsed.map_err(|why| fault(format!(" (line {number}: {why})")))?));
            }
        }
        if found.is_empty() { Err(fault(String::new())) } else { Ok(found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_file_opens_for_its_recipient_and_prints_no_secret() {
        let made = BackupIdentity::generate();
        let file = made.to_file();
        let read = BackupIdentity::from_file(Path::new("key"), &file).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].recipient().to_string(), made.recipient().to_string());
        assert!(made.recipient().to_string().starts_with("age1"));
        assert!(!format!("{made:?}").contains("SECRET"));
    }

    #[test]
    fn what_is_no_key_is_named() {
        let path = Path::new("key");
        let none = BackupIdentity::from_file(path, "# nothing\n\n").unwrap_err();
        assert!(none.to_string().starts_with("key holds no identity"), "{none}");
        let recipient = BackupIdentity::generate().recipient().to_string();
        let wrong = BackupIdentity::from_file(path, &format!("#\n{recipient}\n")).unwrap_err();
        assert!(wrong.to_string().contains("line 2"), "{wrong}");
        assert!("age1x".parse::<BackupRecipient>().is_err());
        assert!("".parse::<BackupRecipient>().is_err());
    }
}
