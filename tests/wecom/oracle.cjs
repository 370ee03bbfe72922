// Tencent's own two libraries, asked line by line: JSON in, JSON out. Run by tests/wecom/oracle.py.
const [, , folder] = process.argv;
const small = require(`${folder}/@wecom/crypto`);
const { WecomCrypto } = require(`${folder}/@wecom/aibot-node-sdk`);

const libraries = {
  crypto: {
    seal: (q) => {
      const sealed = small.encrypt(q.aes_key, q.message, q.receiver);
      return { sealed, signature: small.getSignature(q.token, q.timestamp, q.nonce, sealed) };
    },
    open: (q) => {
      const { message, id } = small.decrypt(q.aes_key, q.sealed);
      return { message, receiver: id, signature: small.getSignature(q.token, q.timestamp, q.nonce, q.sealed) };
    },
  },
  aibot: {
    seal: (q) => {
      const { encrypt, signature } = new WecomCrypto(q.token, q.aes_key, q.receiver).encrypt(q.message, q.timestamp, q.nonce);
      return { sealed: encrypt, signature };
    },
    open: (q) => {
      const theirs = new WecomCrypto(q.token, q.aes_key, q.receiver);
      return { message: theirs.decrypt(q.sealed), receiver: q.receiver, signature: theirs.computeSignature(q.timestamp, q.nonce, q.sealed) };
    },
  },
};

let text = '';
process.stdin.on('data', (chunk) => { text += chunk; });
process.stdin.on('end', () => {
  const lines = text.split('\n').filter(Boolean).map(JSON.parse);
  process.stdout.write(lines.map((q) => JSON.stringify(libraries[q.library][q.does](q))).join('\n') + '\n');
});
