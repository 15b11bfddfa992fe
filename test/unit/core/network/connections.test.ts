import assert from 'node:assert/strict';
import { ConnectionLog, type Connection } from '../../../../src/core/network/connections.ts';

const connection = (id: string, more: Partial<Connection> = {}): Connection => ({
  id,
  target: { host: 'a.example.com', port: 443 },
  at: 1,
  state: 'open',
  sent: 0,
  received: 0,
  times: 1,
  ...more,
});

describe('the log of connections', () => {
  it('shows the newest first, each as it stands', () => {
    const log = new ConnectionLog();
    log.add(connection('1'));
    log.add(connection('2'));
    const ended = log.add(connection('1', { state: 'closed', sent: 7 }));
    assert.deepEqual([ended.isNew, ended.kept.sent], [false, 7]);
    assert.deepEqual(
      log.newestFirst().map(({ id, state }) => `${id} ${state}`),
      ['2 open', '1 closed'],
    );
  });

  it('counts the same refusal up and puts it first again', () => {
    const log = new ConnectionLog();
    const refused = (id: string, host: string) =>
      connection(id, { state: 'refused', why: 'not-allowed', target: { host, port: 443 } });
    assert.equal(log.add(refused('1', 'a.example.com')).isNew, true);
    log.add(refused('2', 'b.example.com'));
    assert.equal(log.add({ ...refused('3', 'a.example.com'), at: 9 }).isNew, false);
    assert.deepEqual(
      log.newestFirst().map(({ id, times, at }) => [id, times, at]),
      [
        ['1', 2, 9],
        ['2', 1, 1],
      ],
    );
  });

  it('keeps a bounded number, whatever floods in', () => {
    const log = new ConnectionLog();
    for (let at = 0; at < 3000; at += 1) {
      log.add(
        connection(
          `${at}`,
          at % 2 === 0 ? { state: 'closed' } : { state: 'refused', why: 'port', target: { host: 'h', port: at } },
        ),
      );
    }
    assert.equal(log.newestFirst().length, 500);
    assert.equal(log.newestFirst()[0]?.id, '2999');
  });
});
