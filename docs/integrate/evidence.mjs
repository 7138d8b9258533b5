// What the gateway states about verifications: receipts and notices, each a compact JWS by an
// evidence key. For the other samples; nothing to run.
//
// Node's own library is all that it needs. A province whose record has the profile `gm` signs
// with SM2 and SM3, which that library cannot be told the user id for: there the program
// `openssl` (3.0 or newer) verifies. On Windows name it in OPENSSL.

import { execFileSync } from 'node:child_process';
import { createPublicKey, verify as verifies } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { GATEWAY, OPENSSL = 'openssl' } = process.env;

// SubjectPublicKeyInfo of a key on the curve SM2 (GM/T 0015): id-ecPublicKey, sm2p256v1.
const HEAD = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d03420004', 'hex');
// The user id of GM/T 0009.
const USER_ID = '1234567812345678';

const octets = (part) => Buffer.from(part, 'base64url');

/** Throws unless `holds`. */
export function demand(holds, why) {
  if (!holds) throw new Error(why);
}

/** What a JWS of this kind states; throws unless a published evidence key signed it. */
export async function stated(jws, kind) {
  const parts = jws.split('.');
  demand(parts.length === 3, 'no compact JWS');
  const header = JSON.parse(octets(parts[0]));
  demand(header.typ === kind, 'another kind of JWS');
  // The keys of all times: what was signed before a rotation verifies still.
  const answer = await fetch(`${GATEWAY}/.well-known/evidence-keys.json`);
  demand(answer.ok, `no keys: ${answer.status}`);
  const jwk = (await answer.json()).keys.find((key) => key.kid === header.kid);
  demand(jwk, 'signed with a key that is not published');
  // What the key is for decides about the algorithm, not what the JWS says.
  demand(jwk.alg === header.alg, 'another algorithm');
  const made = { EdDSA: byEd25519, SM2SM3: bySm2 }[jwk.alg];
  demand(made, 'another algorithm');
  const message = Buffer.from(`${parts[0]}.${parts[1]}`);
  demand(made(jwk, message, octets(parts[2])), 'a false signature');
  const statement = JSON.parse(octets(parts[1]));
  demand(statement.iss === GATEWAY, 'of another gateway');
  return statement;
}

const byEd25519 = (jwk, message, signature) =>
  verifies(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);

function bySm2(jwk, message, signature) {
  if (jwk.crv !== 'SM2' || signature.length !== 64) return false;
  const spki = Buffer.concat([HEAD, octets(jwk.x), octets(jwk.y)]).toString('base64');
  const numbers = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))]);
  const folder = mkdtempSync(join(tmpdir(), 'sm2-'));
  try {
    const write = (name, content) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const key = write('key', `-----BEGIN PUBLIC KEY-----\n${spki.match(/.{1,64}/g).join('\n')}\n-----END PUBLIC KEY-----\n`);
    const value = write('signature', Buffer.concat([Buffer.from([0x30, numbers.length]), numbers]));
    execFileSync(OPENSSL, ['pkeyutl', '-verify', '-pubin', '-inkey', key, '-rawin', '-digest', 'sm3',
      '-pkeyopt', `distid:${USER_ID}`, '-sigfile', value, '-in', write('message', message)], { stdio: 'ignore' });
    return true;
  } catch (error) {
    // It ran and said no; where it is missing, that is told.
    if (typeof error.status === 'number') return false;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The DER of a number that is not negative. */
function integer(number) {
  let begin = 0;
  while (begin < number.length - 1 && number[begin] === 0) begin += 1;
  const rest = number.subarray(begin);
  const sign = rest[0] & 0x80 ? [0] : [];
  return Buffer.concat([Buffer.from([2, rest.length + sign.length, ...sign]), rest]);
}
