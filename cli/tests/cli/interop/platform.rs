//! A platform in Python, which verifies tokens with PyJWT.

use std::env;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::stage::{Demo, wanting};

/// Verifies each token with the published key that it names.
const PROGRAM: &str = "
import json, sys, jwt
asked = json.load(sys.stdin)
keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(asked['keys']).keys}
for token in asked['tokens']:
    header = jwt.get_unverified_header(token)
    assert header['typ'] == 'at+jwt', header
    claims = jwt.decode(token, keys[header['kid']].key, algorithms=['ES256', 'EdDSA'],
                        audience=asked['audience'], issuer=asked['issuer'],
                        options={'require': ['exp', 'iat', 'nbf', 'jti', 'sub']})
    print(json.dumps(claims))
";

/// A Python that has what it takes, and what it expects instead of the truth.
#[derive(Debug, Clone)]
pub(super) struct Platform {
    pub(super) python: String,
    pub(super) audience: Option<&'static str>,
    pub(super) issuer: Option<&'static str>,
}

impl Platform {
    /// The Python that the environment names, or the first that will do.
    pub(super) fn find() -> Option<Self> {
        let given = env::var("TONGXING_TEST_PYTHON").ok();
        let others = ["python3", "/usr/bin/python3"].map(str::to_owned);
        let capable = |python: &String| {
            let mut command = Command::new(python);
            let asked = command.args(["-c", "import jwt, cryptography"]).stderr(Stdio::null());
            asked.status().is_ok_and(|status| status.success())
        };
        let python = given.into_iter().chain(others).find(capable);
        let python = python.or_else(|| wanting("Python with PyJWT and cryptography"))?;
        Some(Self { python, audience: None, issuer: None })
    }

    /// The claims of each token; otherwise what Python says of the first that it
    /// does not take.
    pub(super) fn verify(&self, demo: &Demo, tokens: &[String]) -> Result<Vec<Value>, String> {
        let asked = json!({
            "keys": demo.key_set(),
            "tokens": tokens,
            "audience": self.audience.unwrap_or(demo.audience()),
            "issuer": self.issuer.unwrap_or(demo.text("/public_url")),
        });
        let mut child = Command::new(&self.python)
            .args(["-c", PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        if !output.status.success() {
            return Err(String::from_utf8(output.stderr).unwrap());
        }
        let claims = String::from_utf8(output.stdout).unwrap();
        Ok(claims.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }
}
