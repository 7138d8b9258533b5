// Verifies what the gateway sends to a platform's webhook: the NOTICE (a compact JWS, the body
// of the request) on standard input.
//
// For a gateway whose certificate is of a private CA set NODE_EXTRA_CA_CERTS. A server that
// takes notices answers 2xx once it has stored the decisions, each `record` once: anything
// else is sent again.

import { text } from 'node:stream/consumers';

import { demand, stated } from './evidence.mjs';

/** The decisions of a notice that is this platform's; throws for any other. */
export async function decisions(notice) {
  const told = await stated(notice, 'tongxing-notice+jws');
  demand(told.aud === process.env.PLATFORM_ID, 'for another platform');
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
