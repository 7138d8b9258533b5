//! `tongxing codes`: the catalogue, which needs no province.

use tongxing_pki::Code;

use crate::args::CodesArgs;
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, codes_explained, codes_listed, codes_page};

/// Shows the codes asked for, or all of them.
pub(super) fn run(args: &CodesArgs, output: &Output) -> Result<Outcome, Failure> {
    let all = tongxing_gateway::catalogue();
    let found = find(&all, &args.codes)?;
    output.value(&found, |style| {
        if args.openapi {
            tongxing_gateway::openapi_document()
        } else if args.markdown {
            codes_page(&found)
        } else if args.codes.is_empty() {
            codes_listed(&found, style)
        } else {
            codes_explained(&found, style)
        }
    });
    Ok(Outcome::Yes)
}

/// In the order asked for, or else sorted: the catalogue's own order is that of the
/// checks.
fn find(all: &[&'static Code], wanted: &[String]) -> Result<Vec<&'static Code>, Failure> {
    if wanted.is_empty() {
        let mut sorted = all.to_vec();
        sorted.sort_by_key(|code| code.id);
        return Ok(sorted);
    }
    let one = |id: &String| {
        let found = all.iter().copied().find(|code| code.id == id);
        found.ok_or_else(|| {
            let help = "`tongxing codes` lists them all";
            Failure::refused(format!("there is no code {id}")).help(help)
        })
    };
    wanted.iter().map(one).collect()
}
