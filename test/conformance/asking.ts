/**
 * Programs that tests run inside, for the node that is there. Each uses the proxy that its environment names and prints
 * one line.
 */
const proxy = 'const proxy = new URL(process.env.http_proxy || "http://127.0.0.1:3128");';
const said = 'const said = (...words) => process.stdout.write(words.join(" ") + "\\n", () => process.exit());';
const oops = 'const oops = (error) => said("error", error.code || error.message);';
const common = `${proxy}${said}${oops}`;

/** `askPlain URL [BODY]`: the status and body of the answer. */
export const askPlain = `${common}
const [url, body] = process.argv.slice(1);
const asked = require('node:http').request({ host: proxy.hostname, port: proxy.port, path: url,
  method: body === undefined ? 'GET' : 'POST', headers: { host: 'elsewhere.example', connection: 'close, x-drop', 'x-drop': '1' } });
asked.on('error', oops).on('response', (answer) => {
  let text = '';
  answer.on('data', (bytes) => (text += bytes)).on('end', () => said(answer.statusCode, text.trim()));
});
asked.end(body);`;

/** `askTls HOST:PORT SERVERNAME CERTIFICATE [BYTES]`: sends so many bytes through a tunnel, tells what came back. */
export const askTls = `${common}
const [target, servername, ca, bytes = '0'] = process.argv.slice(1);
const asked = require('node:http').request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: target });
asked.on('error', oops).on('response', () => {}).on('connect', (answer, socket) => {
  if (answer.statusCode !== 200) return said(answer.statusCode);
  const tls = require('node:tls').connect({ socket, servername, ca: require('node:fs').readFileSync(ca) });
  let length = 0;
  tls.on('error', oops).on('data', (piece) => (length += piece.length)).on('end', () => said('got', length));
  tls.on('close', () => said('closed'));
  tls.end(Buffer.alloc(Number(bytes)));
});
asked.end();`;

/** `askRaw`: writes each line of its input, unescaped, as one connection's bytes; prints the first line of each answer. */
export const askRaw = `${common}
const net = require('node:net');
const one = (text) => new Promise((resolve) => {
  let seen = '';
  const socket = net.connect(proxy.port, proxy.hostname, () => socket.end(Buffer.from(JSON.parse(text), 'latin1')));
  socket.on('data', (bytes) => (seen += bytes)).on('error', () => {}).on('close', () => resolve(seen.split('\\r\\n')[0]));
});
const lines = require('node:fs').readFileSync(0, 'utf8').split('\\n').filter(Boolean);
Promise.all(lines.map(one)).then((answers) => said(JSON.stringify(answers)));`;

/** `holdOpen HOST:PORT`: prints \`open\` once a tunnel stands and \`closed\` when it ends. */
export const holdOpen = `${proxy}
const asked = require('node:http').request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: process.argv[1] });
asked.on('connect', (answer, socket) => {
  console.log('open', answer.statusCode);
  socket.write('hello');
  socket.on('error', () => {}).on('close', () => console.log('closed')).resume();
});
asked.end();`;
