// Verifies an identity token with the published keys: TOKEN on standard input.
//
// Node's own library is all that it needs. For a gateway whose certificate is of a private
// CA set NODE_EXTRA_CA_CERTS.

import { createPublicKey, verify as verifies } from 'node:crypto';
import { text } from 'node:stream/consumers';

const gateway = process.env.GATEWAY;
const audience = process.env.PLATFORM_ID;

const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));

/** Throws unless `holds`. */
function demand(holds, why) {
  if (!holds) throw new Error(why);
}

/** The claims of a token that is this platform's; throws for any other. */
export async function verify(token) {
  const parts = token.split('.');
  demand(parts.length === 3, 'no compact JWS');
  const [header, claims] = [decoded(parts[0]), decoded(parts[1])];
  demand(header.typ === 'at+jwt', 'another kind of token');
  const answer = await fetch(`${gateway}/.well-known/jwks.json`);
  demand(answer.ok, `no keys: ${answer.status}`);
  const jwk = (await answer.json()).keys.find((key) => key.kid === header.kid);
  demand(jwk, 'signed with a key that is not published');
  // What the key is for decides about the algorithm, not what the token says.
  demand(jwk.alg === header.alg && ['ES256', 'EdDSA'].includes(jwk.alg), 'another algorithm');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const message = Buffer.from(`${parts[0]}.${parts[1]}`);
  const signature = Buffer.from(parts[2], 'base64url');
  const hash = jwk.alg === 'ES256' ? 'sha256' : null;
  demand(verifies(hash, message, { key, dsaEncoding: 'ieee-p1363' }, signature), 'a false signature');
  const now = Math.floor(Date.now() / 1000);
  demand(claims.iss === gateway, 'of another issuer');
  demand([claims.aud].flat().includes(audience), 'for another platform');
  demand(claims.nbf <= now + 30 && now < claims.exp, 'not valid now');
  return claims;
}

try {
  console.log(JSON.stringify(await verify((await text(process.stdin)).trim())));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
