import assert from 'node:assert/strict';
import type { PortRow } from '../../../../src/core/ports/rows.ts';
import { clock, noticeOf, portLook } from '../../../../src/ui/ports/rows.ts';
import { publishQuestion, publishSpans } from '../../../../src/ui/ports/texts.ts';
import { guestPlace, wayTo } from '../../../../src/ui/ports/way.ts';

const row = (more: Partial<PortRow> = {}): PortRow => ({ port: 5173, isListening: true, program: 'vite', ...more });
const local = { authority: 's-1.localhost:40000', localPort: 40_000 };

describe('how a port looks', () => {
  it('says program and state in words', () => {
    const said = (one: PortRow) => portLook(one, false).description;
    assert.equal(said(row()), 'Not forwarded · vite');
    assert.equal(said(row({ local })), 'Local port 40000 · vite');
    assert.equal(said({ port: 5173, isListening: false, local }), 'Nothing listens');
    assert.equal(
      said(row({ problem: 'Port 80 of this machine is taken.' })),
      'Port 80 of this machine is taken. · vite',
    );
    const until = Date.now();
    const published = { port: 5173, until, url: 'https://x.example' };
    assert.equal(said(row({ published })), `Public until ${clock(until)} · Not forwarded · vite`);
    assert.equal(said(row({ published: { port: 5173, until } })), 'May be public · Not forwarded · vite');
    assert.equal(said(row({ published: { port: 5173 } })), 'Public, not from here · Not forwarded · vite');
  });

  it('names it by its label, and reads all of it out', () => {
    const look = portLook(row({ label: 'App', local }), false);
    assert.equal(look.label, 'App (5173)');
    assert.equal(look.spoken, 'App, port 5173, Local port 40000, vite');
    assert.match(look.tooltip, /s-1\.localhost:40000, for this machine and session alone/);
  });

  it('tells the menus what can be done', () => {
    const published = { port: 5173, until: 0, url: 'https://x.example' };
    assert.equal(portLook(row(), false).context, 'port');
    assert.equal(portLook(row({ local }), true).context, 'port forwarded publishable');
    assert.equal(portLook(row({ problem: 'taken' }), false).context, 'port forwarded');
    assert.equal(portLook(row({ published }), true).context, 'port published');
  });

  it('tells of new apps in one sentence', () => {
    assert.equal(noticeOf([row()]), 'vite listens on port 5173 in the sandbox.');
    assert.equal(noticeOf([{ port: 80 }]), 'A program listens on port 80 in the sandbox.');
    assert.equal(noticeOf([row(), { port: 80 }]), 'Programs in the sandbox listen on the ports 5173, 80.');
  });

  it('says before publishing that everybody gets in without a password, and for how long', () => {
    const [span] = publishSpans;
    assert.ok(span);
    const { message, detail } = publishQuestion(row(), span, { title: 'Mend it', sandbox: 'Hosted' });
    assert.equal(message, 'Publish port 5173 (vite) on the internet?');
    assert.match(detail ?? '', /public on the internet, without a password.*“Mend it” in Hosted.*after 15 minutes/s);
  });
});

describe('the way from a browser to a listener', () => {
  const own = 's-1.localhost:40000';
  const origin = (external: string) => {
    const way = wayTo(external, own);
    return way.kind === 'origin' ? way.origin : undefined;
  };

  it('is the session’s own name on this machine', () => {
    assert.equal(origin('http://127.0.0.1:40000/'), 'http://s-1.localhost:40000');
    assert.equal(origin('http://localhost:40000'), 'http://s-1.localhost:40000');
  });

  it('is the session’s own name at the end of a tunnel', () => {
    assert.equal(origin('http://127.0.0.1:41234/'), 'http://s-1.localhost:41234');
    assert.equal(origin('http://localhost/'), 'http://s-1.localhost');
  });

  it('is the name that a proxy gives the port', () => {
    assert.equal(origin('https://40000.code.example.com/'), 'https://40000.code.example.com');
    assert.equal(origin('http://40000.localhost:8080/'), 'http://40000.localhost:8080');
    assert.equal(origin('https://x-40000.app.github.dev/'), 'https://x-40000.app.github.dev');
  });

  it('is never a path of the editor: the listener itself where that is on the same machine, else none', () => {
    const here = wayTo('http://127.0.0.1:8080/proxy/40000/', own);
    assert.deepEqual(here, { kind: 'origin', origin: 'http://s-1.localhost:40000', isByLoopback: true });
    assert.deepEqual(wayTo('https://code.example.com/proxy/40000/', own), { kind: 'none', editor: 'code.example.com' });
  });

  it('begins at links to the sandbox’s own loopback, and at no others', () => {
    assert.deepEqual(guestPlace('http://localhost:5173/a?b#c'), { port: 5173, path: '/a?b#c' });
    assert.deepEqual(guestPlace('http://0.0.0.0:8000'), { port: 8000, path: '/' });
    assert.deepEqual(guestPlace('http://[::1]/'), { port: 80, path: '/' });
    for (const other of [
      'http://example.com/',
      'https://localhost/',
      'file:///etc/passwd',
      'http://localhost.evil.example/',
      'x',
    ]) {
      assert.equal(guestPlace(other), undefined, other);
    }
  });
});
