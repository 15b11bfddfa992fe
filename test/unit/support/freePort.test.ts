import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '../../support/freePort.ts';

describe('a free port', () => {
  it('can be listened on, and is none that is given to whoever names none', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    assert.ok(port < 32_768, 'where Linux begins, unless it is told otherwise');
  });
});
