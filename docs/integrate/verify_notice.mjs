// Verifies what the gateway sends to a platform's webhook: the NOTICE (a compact JWS, the body
// of the request) on standard input.
//
// Node's own library is all that it needs. For a gateway whose certificate is of a private
// CA set NODE_EXTRA_CA_CERTS. A server that takes notices answers 2xx once it has stored the
// decisions, each `record` once: anything else is sent again.

import { createPublicKey, verify as verifies } from 'node:crypto';
import { text } from 'node:stream/consumers';

const gateway = process.env.GATEWAY;
const audience = process.env.PLATFORM_ID;

const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));

/** Throws unless `holds`. */
function demand(holds, why) {
  if (!holds) throw new Error(why);
}

/** The decisions of a notice that is this platform's; throws for any other. */
export async function decisions(notice) {
  const parts = notice.split('.');
  demand(parts.length === 3, 'no compact JWS');
  const header = decoded(parts[0]);
  demand(header.typ === 'tongxing-notice+jws', 'no notice');
  // The keys of all times: what was signed before a rotation verifies still.
  const answer = await fetch(`${gateway}/.well-known/evidence-keys.json`);
  demand(answer.ok, `no keys: ${answer.status}`);
  const jwk = (await answer.json()).keys.find((key) => key.kid === header.kid);
  demand(jwk, 'signed with a key that is not published');
  demand(jwk.alg === header.alg && jwk.alg === 'EdDSA', 'another algorithm');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const message = Buffer.from(`${parts[0]}.${parts[1]}`);
  demand(verifies(null, message, key, Buffer.from(parts[2], 'base64url')), 'a false signature');
  const told = decoded(parts[1]);
  demand(told.iss === gateway, 'of another gateway');
  demand(told.aud === audience, 'for another platform');
  return told.decisions;
}

try {
  for (const { receipt, outcome } of await decisions((await text(process.stdin)).trim())) {
    console.log(`${receipt} ${outcome}`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
