// Signs a file with sm-crypto: the private key, the file, der or raw.
const { sm2 } = require('sm-crypto');
const fs = require('fs');
const [key, text, form] = process.argv.slice(1);
const message = [...fs.readFileSync(text)];
console.log(sm2.doSignature(message, key, { hash: true, der: form === 'der' }));
