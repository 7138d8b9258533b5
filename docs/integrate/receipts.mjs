// Keeps a verification with all its evidence, and asks how provisional ones were decided.
//
//   node receipts.mjs keep SIGNATURE CONTENT RECEIPT
//   node receipts.mjs decided [SINCE]
//
// The second prints a line for each decision, and last the record to go on from. Node's own
// library is all that it needs (see evidence.mjs about the profile `gm`). For a gateway whose
// certificate is of a private CA set NODE_EXTRA_CA_CERTS.

import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { demand, stated } from './evidence.mjs';

const { GATEWAY, PLATFORM_ID, PLATFORM_SECRET } = process.env;
const authorization = `Basic ${Buffer.from(`${PLATFORM_ID}:${PLATFORM_SECRET}`).toString('base64')}`;

/** The text of an answer. An HTTP error throws. */
async function ask(path, request = {}, attempts = 3) {
  const answer = await fetch(GATEWAY + path, { ...request, headers: { authorization } });
  const told = await answer.text();
  if (answer.ok) return told;
  // A quota that is used up, or a gateway that is busy, says when to come back.
  const wait = answer.headers.get('retry-after');
  if (wait === null || attempts <= 1) throw new Error(`${answer.status}: ${told}`);
  await sleep(Number(wait) * 1000);
  return ask(path, request, attempts - 1);
}

/** The answer with its receipt and all evidence, as it came: one file that is checked offline. */
async function keep(signature, content, place) {
  const form = new FormData();
  // The order matters: how the content is hashed is the signature's to say.
  form.append('request', '{"options":{"receipt":"bundle"}}');
  form.append('signature', await openAsBlob(signature));
  form.append('content', await openAsBlob(content));
  const answer = await ask('/v1/signatures/verify', { method: 'POST', body: form });
  const { receipt } = JSON.parse(answer);
  const { relying_party, verdict } = await stated(receipt.receipt, 'tongxing-receipt+jws');
  demand(relying_party === PLATFORM_ID, 'for another platform');
  await writeFile(place, answer);
  console.log(`${verdict} ${receipt.record}`);
}

async function decided(since) {
  for (;;) {
    const notice = JSON.parse(await ask(`/v1/receipts?since=${since}`));
    for (const { receipt, outcome } of notice.decisions) console.log(`${receipt} ${outcome}`);
    since = notice.through;
    if (!notice.more) break;
  }
  console.log(since);
}

const [what, ...rest] = process.argv.slice(2);
if (what === 'keep') await keep(...rest);
else if (what === 'decided') await decided(Number(rest[0] ?? 0));
else throw new Error('keep SIGNATURE CONTENT RECEIPT, or decided [SINCE]');
