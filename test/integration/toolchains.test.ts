import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Provider, ToolchainOffer } from '../../src/core/sandbox.ts';
import { agreedToolchains } from '../../src/ui/start/toolchains.ts';
import { Taste } from '../../src/ui/taste.ts';

const folder = 'file:///work/project';
const tool = (name: string): ToolchainOffer => ({ name, folder: `/opt/${name}`, bin: `/opt/${name}/bin` });
const [node, rust, go] = [tool('Node'), tool('Rust'), tool('Go')];

interface Asked {
  readonly message: string;
  readonly detail: string;
  readonly modal: boolean;
  readonly buttons: readonly string[];
}

/** A window's memory that forgets nothing until the test does. */
function memory(): Taste {
  const kept = new Map<string, unknown>();
  return new Taste({
    get: (key) => kept.get(key),
    keys: () => [...kept.keys()],
    update: (key, value) => Promise.resolve(void kept.set(key, structuredClone(value))),
  });
}

/** A machine with these tools, as the kind of sandbox finds them. */
function machineWith(...tools: readonly ToolchainOffer[]): Provider {
  return { toolchains: () => Promise.resolve(tools) } as unknown as Provider;
}

describe('the question about tool chains', () => {
  const original = vscode.window.showWarningMessage;
  const asked: Asked[] = [];
  let press: string | undefined;
  let taste: Taste;

  // A modal dialog waits for a person; here the test is one.
  const answering = (message: string, options: vscode.MessageOptions, ...buttons: readonly string[]) => {
    asked.push({ message, detail: options.detail ?? '', modal: options.modal === true, buttons });
    assert.ok(press === undefined || buttons.includes(press), `${String(press)} is offered`);
    return Promise.resolve(press);
  };
  before(() => void Object.assign(vscode.window, { showWarningMessage: answering }));
  after(() => void Object.assign(vscode.window, { showWarningMessage: original }));
  beforeEach(() => {
    asked.length = 0;
    press = undefined;
    taste = memory();
  });

  it('is not asked where there are none', async () => {
    assert.deepEqual(await agreedToolchains(machineWith(), folder, taste), []);
    assert.equal(asked.length, 0);
  });

  it('names all of them in one modal question, and remembers a yes', async () => {
    press = 'Let It Read Them';
    assert.deepEqual(await agreedToolchains(machineWith(node, rust), folder, taste), [node, rust]);
    assert.equal(asked.length, 1);
    const [question] = asked;
    assert.equal(question?.message, 'Let the sandbox read these tools? Node, Rust');
    assert.match(question.detail, /It cannot change them\.[^]*• Node: \/opt\/Node\n• Rust: \/opt\/Rust/);
    assert.deepEqual([question.modal, question.buttons], [true, ['Let It Read Them', 'Start Without Them']]);
    assert.deepEqual(await agreedToolchains(machineWith(node, rust), folder, taste), [node, rust]);
    assert.equal(asked.length, 1, 'not asked again');
  });

  it('remembers a no', async () => {
    press = 'Start Without Them';
    assert.deepEqual(await agreedToolchains(machineWith(node), folder, taste), []);
    assert.deepEqual(await agreedToolchains(machineWith(node), folder, taste), []);
    assert.equal(asked.length, 1);
  });

  it('asks again only about new ones, and keeps what was said of the others', async () => {
    press = 'Let It Read Them';
    await agreedToolchains(machineWith(node), folder, taste);
    press = 'Start Without Them';
    assert.deepEqual(await agreedToolchains(machineWith(node, rust), folder, taste), [node]);
    press = 'Let It Read Them';
    assert.deepEqual(await agreedToolchains(machineWith(go, node, rust), folder, taste), [go, node]);
    assert.deepEqual(
      asked.map(({ message }) => message.replace(/^.*\? /, '')),
      ['Node', 'Rust', 'Go'],
    );
  });

  it('offers no longer what was agreed to and is gone', async () => {
    press = 'Let It Read Them';
    await agreedToolchains(machineWith(node, rust), folder, taste);
    assert.deepEqual(await agreedToolchains(machineWith(rust), folder, taste), [rust]);
    assert.equal(asked.length, 1);
  });

  it('stops the start where it is dismissed, and asks anew the next time', async () => {
    assert.equal(await agreedToolchains(machineWith(node), folder, taste), undefined);
    assert.equal(await agreedToolchains(machineWith(node), folder, taste), undefined);
    assert.equal(asked.length, 2);
  });

  it('belongs to one folder', async () => {
    press = 'Let It Read Them';
    await agreedToolchains(machineWith(node), folder, taste);
    await agreedToolchains(machineWith(node), 'file:///work/other', taste);
    assert.equal(asked.length, 2);
  });
});
