/** Programs that tests start inside, for the node that is there. Each prints `up PORT` when it listens. */
const up = "server.listen(0, process.argv[1] || '127.0.0.1', () => console.log('up ' + server.address().port));";

/** Answers with what it was sent; `/events` tells one event at once and one more when `/more` is asked for. */
export const httpServer = `
const server = require('node:http').createServer((asked, answer) => {
  if (asked.url === '/events') {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.write('data: first\\n\\n');
    server.once('more', () => answer.end('data: second\\n\\n'));
  } else {
    if (asked.url === '/more') server.emit('more');
    answer.setHeader('x-method', asked.method);
    answer.setHeader('x-host', asked.headers.host ?? '');
    asked.pipe(answer);
  }
});
${up}`;

/** Upgrades to a WebSocket (RFC 6455) and sends every message back as it came. Messages under 126 bytes. */
export const webSocketServer = `
const { createHash } = require('node:crypto');
const server = require('node:http').createServer();
server.on('upgrade', (asked, socket) => {
  const key = asked.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n' +
    'Sec-WebSocket-Accept: ' + createHash('sha1').update(key).digest('base64') + '\\r\\n\\r\\n');
  let seen = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    seen = Buffer.concat([seen, bytes]);
    while (seen.length >= 6 && seen.length >= 6 + (seen[1] & 127)) {
      const length = seen[1] & 127;
      const text = Buffer.from(seen.subarray(6, 6 + length)).map((byte, at) => byte ^ seen[2 + (at & 3)]);
      socket.write(Buffer.concat([Buffer.from([0x81, length]), text]));
      seen = seen.subarray(6 + length);
    }
  });
});
${up}`;

/** Counts what it is sent until the other half closes, then answers. */
export const countingServer = `
const server = require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
  let length = 0;
  socket.on('data', (bytes) => (length += bytes.length)).on('end', () => socket.end('got ' + length));
});
${up}`;

/** Sends back what it is sent. */
export const echoServer = `
const server = require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => {}).pipe(socket);
});
${up}`;

/** Says hello and has said all. */
export const greetingServer = `
const server = require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => {}).resume().end('hello');
});
${up}`;
