import { createInterface } from 'node:readline';
import { thisMachine } from '../../../src/host/spawn.ts';
import { processProvider } from '../../../src/sandbox/process/index.ts';
import { guestPath } from '../../../src/core/paths.ts';
import type { ProviderState, Sandbox, ToolchainOffer } from '../../../src/core/sandbox.ts';
import { mintId, type OpId } from '../../../src/shared/ids.ts';
import { ListGate } from '../network/gate.ts';

/**
 * A program that makes one sandbox and does with it what lines on its standard input say. Walls are tried through it,
 * since it can be started as another user, with an environment and descriptors that ought not to leak.
 */
interface Order {
  readonly id: number;
  readonly do: 'create' | 'resume' | 'run' | 'abort' | 'stop' | 'start' | 'delete' | 'allow';
  readonly settings?: Record<string, unknown>;
  readonly toolchains?: readonly ToolchainOffer[];
  readonly state?: ProviderState;
  readonly shell?: string;
  readonly op?: OpId;
  readonly deadlineMs?: number;
  readonly hosts?: readonly string[];
}

const [storage = '', supervisor = '', keeper = '', keepAliveMs = '60000'] = process.argv.slice(2);
const provider = processProvider({
  machine: thisMachine(),
  storage,
  programs: { supervisor, keeper },
  keepAliveMs: Number(keepAliveMs),
  log: () => undefined,
});
const never = new AbortController().signal;
const aborts = new Map<OpId, AbortController>();
let sandbox: Sandbox | undefined;

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'create':
      return create(order.settings ?? {}, order.toolchains ?? []);
    case 'resume': {
      if (order.state === undefined) throw new Error('no state');
      const resumed = await provider.resume(order.state, never);
      if (resumed.kind === 'live' || resumed.kind === 'restarted') sandbox = resumed.sandbox;
      return { ...resumed, sandbox: undefined, state: sandbox?.state() };
    }
    case 'run':
      return run(order);
    case 'allow':
      await sandbox?.openEgress?.(new ListGate(...(order.hosts ?? [])));
      return {};
    case 'abort':
      if (order.op !== undefined) aborts.get(order.op)?.abort();
      return {};
    default:
      return { settled: await sandbox?.[order.do](never), state: sandbox?.state() };
  }
}

async function create(settings: Record<string, unknown>, toolchains: readonly ToolchainOffer[]): Promise<unknown> {
  const session = mintId('session');
  const created = await provider.create({ settings, toolchains }, { session, key: session }, () => undefined, never);
  if (created.kind !== 'ready') return created;
  sandbox = created.sandbox;
  return { kind: created.kind, state: sandbox.state() };
}

async function run({ shell = '', op = mintId('op'), deadlineMs }: Order): Promise<unknown> {
  if (sandbox === undefined) throw new Error('no sandbox');
  const abort = new AbortController();
  aborts.set(op, abort);
  const running = sandbox.exec({
    op,
    run: { shell },
    cwd: guestPath('/workspace'),
    onLinkLoss: 'keep',
    signal: abort.signal,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  const parts: Uint8Array[] = [];
  for await (const { bytes } of running.output) parts.push(bytes);
  return { text: Buffer.concat(parts).toString(), outcome: await running.outcome };
}

createInterface({ input: process.stdin }).on('line', (text) => {
  const order = JSON.parse(text) as Order;
  const answer = (value: unknown) => process.stdout.write(`${JSON.stringify({ id: order.id, value })}\n`);
  obey(order).then(answer, (error: unknown) => answer({ error: String(error) }));
});
process.stdin.on('end', () => void sandbox?.detach().then(() => process.exit(0)));
