// Asks whether a signature over a file holds, and for whom: SIGNATURE CONTENT.
//
// Node's own library is all that it needs. For a gateway whose certificate is of a private
// CA set NODE_EXTRA_CA_CERTS.

import { openAsBlob } from 'node:fs';

const { GATEWAY, PLATFORM_ID, PLATFORM_SECRET } = process.env;

/** The gateway's report. The file flows by and is held nowhere. */
export async function verify(signature, content) {
  const form = new FormData();
  // The order matters: how the content is hashed is the signature's to say.
  form.append('signature', await openAsBlob(signature));
  form.append('content', await openAsBlob(content));
  const secret = Buffer.from(`${PLATFORM_ID}:${PLATFORM_SECRET}`).toString('base64');
  const answer = await fetch(`${GATEWAY}/v1/signatures/verify`, {
    method: 'POST',
    headers: { authorization: `Basic ${secret}` },
    body: form,
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(`${told.code}: ${told.title}`);
  return told;
}

const report = await verify(process.argv[2], process.argv[3]);
console.log(report.verdict);
for (const { indication, identity } of report.signatures) {
  console.log(indication, identity?.entity?.value, identity?.entity?.name);
}
process.exitCode = report.verdict === 'passed' ? 0 : 1;
