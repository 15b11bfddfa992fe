import type { AgentRunner, EditReport, TurnEnd, TurnObserver, TurnRequest } from '../../src/core/agent.ts';
import type { GuestPath } from '../../src/core/paths.ts';
import type { Outcome, Sandbox } from '../../src/core/sandbox.ts';
import { mintId, type OpId } from '../../src/shared/ids.ts';
import { modelName } from './model/answer.ts';

/** All that an observer hears in a turn, for tests to look at. */
export class Heard implements TurnObserver {
  readonly log: string[] = [];
  readonly deltas: string[] = [];
  readonly messages: string[] = [];
  readonly reasoning: string[] = [];
  readonly commands: { op: OpId; command: string; cwd: string }[] = [];
  readonly output = new Map<OpId, string>();
  readonly ends = new Map<OpId, Outcome>();
  readonly background: OpId[] = [];
  readonly edits: EditReport[] = [];
  readonly kept: unknown[] = [];
  onIntended: (command: string) => Promise<void> | void = () => undefined;
  onOutput: (text: string) => void = () => undefined;

  textDelta(delta: string): void {
    this.deltas.push(delta);
  }

  message(text: string): void {
    this.messages.push(text);
    this.log.push(`message ${text}`);
  }

  reasoningDelta(delta: string): void {
    this.reasoning.push(delta);
  }

  async commandIntended(op: OpId, command: string, cwd: string): Promise<void> {
    this.commands.push({ op, command, cwd });
    this.log.push(`intended ${command}`);
    await this.onIntended(command);
  }

  commandOutput(op: OpId, _fd: 1 | 2, bytes: Uint8Array): void {
    const text = (this.output.get(op) ?? '') + Buffer.from(bytes).toString();
    this.output.set(op, text);
    this.onOutput(text);
  }

  commandEnded(op: OpId, outcome: Outcome): void {
    this.ends.set(op, outcome);
    this.log.push(`ended ${outcome.kind}`);
  }

  commandYielded(op: OpId): void {
    this.background.push(op);
    this.log.push('yielded');
  }

  edited(edit: EditReport): void {
    this.edits.push(edit);
    this.log.push(`${edit.kind} ${edit.path} ${edit.ok ? 'done' : 'failed'}`);
  }

  /** As the log keeps them: through JSON. */
  items(items: readonly unknown[]): void {
    this.kept.push(...items.map((item): unknown => JSON.parse(JSON.stringify(item))));
  }
}

export type TurnOptions = Partial<Omit<TurnRequest, 'sandbox' | 'model'>> & {
  readonly api?: 'responses' | 'chat-completions';
  readonly model?: string;
  readonly root?: GuestPath;
};

/** Runs one turn against a scripted model and hands back how it ended and what was heard. */
export async function takeTurn(
  runner: AgentRunner,
  sandbox: Sandbox,
  baseUrl: string,
  options: TurnOptions = {},
  heard = new Heard(),
): Promise<{ end: TurnEnd; heard: Heard }> {
  const { api = 'responses', model = modelName, ...rest } = options;
  const end = await runner.run(
    {
      turn: mintId('turn'),
      sandbox,
      root: sandbox.workspaceRoot,
      prompt: 'Do it.',
      history: [],
      apiKey: 'sk-test-1234567890',
      maxTurns: 20,
      signal: new AbortController().signal,
      ...rest,
      model: { name: model, baseUrl, api },
    },
    heard,
  );
  return { end, heard };
}
