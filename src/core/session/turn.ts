import { mintId, type OpId, type TurnId } from '../../shared/ids.ts';
import type { AgentRunner, EditReport, TurnEnd, TurnObserver } from '../agent.ts';
import type { GuestPath } from '../paths.ts';
import { problemOf } from '../problem.ts';
import type { Outcome, Sandbox } from '../sandbox.ts';
import type { UploadManifest } from '../sync/types.ts';
import type { TurnInput } from './api.ts';
import { CommandOutput } from './commandOutput.ts';
import { conversation } from './conversation.ts';
import type { SessionParts } from './parts.ts';
import type { Recorder } from './recorder.ts';

/** Most requests to the model in one turn. */
const maxModelCalls = 100;

/** Sends newer local work in as agreed, then lets the agent work on a prompt. */
export async function workOnTurn(
  { agent, recorder, sync }: Pick<SessionParts, 'agent' | 'recorder' | 'sync'>,
  sandbox: Sandbox,
  input: TurnInput,
  push: UploadManifest | undefined,
  signal: AbortSignal,
): Promise<TurnEnd> {
  await sync.push(sandbox, push, signal);
  sync.touched();
  const place = { sandbox, root: sync.root, guidance: await sync.guidance() };
  return await runTurn(agent, recorder, place, input, signal);
}

interface TurnPlace {
  readonly sandbox: Sandbox;
  readonly root: GuestPath;
  readonly guidance: string | undefined;
}

/** Runs one turn of the agent and keeps its whole story in the log. Rejects only where the log cannot be written. */
async function runTurn(
  agent: AgentRunner,
  recorder: Recorder,
  place: TurnPlace,
  input: TurnInput,
  signal: AbortSignal,
): Promise<TurnEnd> {
  const turn = mintId('turn');
  const story = new TurnStory(turn, recorder);
  const history = conversation(recorder.events);
  let end: TurnEnd;
  try {
    await recorder.intend({ t: 'turn-started', turn, prompt: input.prompt, model: input.model });
    const { prompt, model, apiKey } = input;
    const guidance = place.guidance === undefined ? {} : { guidance: place.guidance };
    const { sandbox, root } = place;
    const request = {
      turn,
      sandbox,
      root,
      prompt,
      history,
      model,
      apiKey,
      maxTurns: maxModelCalls,
      signal,
      ...guidance,
    };
    end = await agent.run(request, story);
  } catch (error) {
    end = { how: 'failed', problem: problemOf(error, 'model-failed') };
  }
  await story.end(end);
  return end;
}

/** Writes what the agent does into the log, as it happens. */
class TurnStory implements TurnObserver {
  readonly #turn: TurnId;
  readonly #recorder: Recorder;
  readonly #outputs = new Map<OpId, CommandOutput>();

  constructor(turn: TurnId, recorder: Recorder) {
    this.#turn = turn;
    this.#recorder = recorder;
  }

  textDelta(delta: string): void {
    const { item, isNew } = this.#recorder.transcript.addText(delta);
    this.#recorder.tell(isNew ? { kind: 'items', items: [item] } : { kind: 'text', id: item.id, text: delta });
  }

  message(text: string): void {
    this.#recorder.transcript.endText();
    this.#recorder.note({ t: 'message', turn: this.#turn, text });
  }

  reasoningDelta(): void {
    // Reasoning is not part of the record: it is not ours to keep, and the answer stands without it.
  }

  async commandIntended(op: OpId, command: string, cwd: string): Promise<void> {
    this.#outputs.set(op, new CommandOutput(op, this.#recorder));
    await this.#recorder.intend({ t: 'command-intent', turn: this.#turn, op, command, cwd });
  }

  commandOutput(op: OpId, _fd: 1 | 2, bytes: Uint8Array): void {
    this.#outputs.get(op)?.add(bytes);
  }

  commandEnded(op: OpId, outcome: Outcome): void {
    const output = this.#outputs.get(op);
    this.#outputs.delete(op);
    // Nobody waits here: a command may end long after its turn, or after the window let go of the session.
    this.#recorder.note({ t: 'command-ended', op, outcome, omittedBytes: output?.end() ?? 0 });
  }

  commandYielded(op: OpId): void {
    this.#recorder.background(op);
  }

  edited({ kind, path, ok, detail, diff }: EditReport): void {
    this.#recorder.note({ t: 'edit', turn: this.#turn, kind, path, ok, detail, diff });
  }

  items(items: readonly unknown[]): void {
    this.#recorder.note({ t: 'items', turn: this.#turn, items: [...items] });
  }

  async end(end: TurnEnd): Promise<void> {
    const cut = this.#recorder.transcript.streamingText();
    if (cut !== undefined && cut !== '') this.message(cut);
    const problem = end.how === 'failed' ? { problem: end.problem } : {};
    const usage = end.how === 'done' && end.usage ? { usage: end.usage } : {};
    await this.#recorder.intend({ t: 'turn-ended', turn: this.#turn, how: end.how, ...problem, ...usage });
  }
}
