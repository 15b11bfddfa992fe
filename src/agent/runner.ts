import { type AgentInputItem, type RunToolApprovalItem, Runner, type RunState, user } from '@openai/agents-core';
import { compaction, filesystem, Manifest, SandboxAgent, shell } from '@openai/agents-core/sandbox';
import type { AgentRunner, TurnEnd, TurnObserver, TurnRequest } from '../core/agent.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { stopWithRun } from './callSignal.ts';
import { CommandTable } from './execs.ts';
import { historyFor, keep, missingResults } from './history.ts';
import { instructionsFor } from './instructions.ts';
import { modelsOf } from './model.ts';
import { problemOfTurn } from './modelProblem.ts';
import { AirlockSandboxSession } from './session.ts';
import { NewItems, tellEvent } from './turnEvents.ts';

type Streamed = Awaited<ReturnType<typeof start>>;

const badArguments =
  'The arguments of this call were not valid JSON, so nothing was done. Send the call again with valid JSON.';

/** Runs turns with the OpenAI Agents SDK. Commands that go on in the background can be reached in later turns. */
export function createAgentRunner(): AgentRunner {
  const tables = new WeakMap<Sandbox, { incarnation: string; commands: CommandTable }>();
  const commandsOf = (sandbox: Sandbox): CommandTable => {
    const known = tables.get(sandbox);
    if (known?.incarnation === sandbox.incarnation) return known.commands;
    const commands = new CommandTable();
    tables.set(sandbox, { incarnation: sandbox.incarnation, commands });
    return commands;
  };
  return {
    async run(request, observer) {
      if (request.signal.aborted) return { how: 'stopped' };
      const turn = new Turn(request, observer, commandsOf(request.sandbox));
      return turn.run();
    },
  };
}

class Turn {
  readonly #request: TurnRequest;
  readonly #observer: TurnObserver;
  readonly #session: AirlockSandboxSession;
  readonly #fresh = new NewItems();
  /** What this turn has handed over, to answer its open calls at the end. */
  readonly #handed: AgentInputItem[] = [];

  constructor(request: TurnRequest, observer: TurnObserver, commands: CommandTable) {
    this.#request = request;
    this.#observer = observer;
    this.#session = sessionOf(request, observer, commands);
  }

  async run(): Promise<TurnEnd> {
    const { history, model, prompt, signal } = this.#request;
    const latest: { result?: Streamed } = {};
    try {
      const question = user(prompt);
      this.#handOver([question]);
      const input = [...historyFor(history, model), question];
      await this.#runAll(input, latest);
      return signal.aborted ? { how: 'stopped' } : { how: 'done', ...usageOf(latest.result) };
    } catch (error) {
      return signal.aborted ? { how: 'stopped' } : { how: 'failed', problem: problemOfTurn(error, model) };
    } finally {
      if (latest.result !== undefined) this.#handOver(this.#fresh.take(latest.result.newItems));
      this.#handOver(missingResults(this.#handed));
    }
  }

  /** Runs until the model is done; calls with broken arguments pause the SDK and are answered here. */
  async #runAll(input: AgentInputItem[], latest: { result?: Streamed }): Promise<void> {
    const { model, apiKey, maxTurns, signal, sandbox, root, guidance } = this.#request;
    const agent = coder(this.#request, instructionsFor(root, sandbox.caps, guidance));
    const runner = new Runner({
      modelProvider: modelsOf(model, apiKey),
      tracingDisabled: true,
      sandbox: { session: this.#session },
      toolExecution: { maxFunctionToolConcurrency: 1 },
      toolNotFoundBehavior: 'return_error_to_model',
    });
    let next: AgentInputItem[] | Streamed['state'] = input;
    for (;;) {
      const result: Streamed = await start(runner, agent, next, { signal, maxTurns });
      latest.result = result;
      await this.#follow(result);
      if (signal.aborted || result.interruptions.length === 0) return;
      for (const paused of result.interruptions) answerPaused(result.state, paused);
      next = result.state;
    }
  }

  async #follow(result: Streamed): Promise<void> {
    // Observed below as well; without this an early exit of the loop would leave it unhandled.
    result.completed.catch(() => undefined);
    for await (const event of result) {
      tellEvent(event, this.#observer);
      if (event.type === 'run_item_stream_event') this.#handOver(this.#fresh.take(result.newItems));
    }
    // After an abort this waits until the running command is confirmed to have ended.
    await result.completed;
  }

  #handOver(items: readonly AgentInputItem[]): void {
    if (items.length === 0) return;
    this.#handed.push(...items);
    this.#observer.items(keep(items, this.#request.model));
  }
}

function start(
  runner: Runner,
  agent: SandboxAgent,
  input: AgentInputItem[] | RunState<undefined, SandboxAgent>,
  options: { signal: AbortSignal; maxTurns: number },
) {
  return runner.run(agent, input, { stream: true, ...options });
}

/** Raw patch text is understood by the tool though it is no JSON; anything else that is no JSON is sent back. */
function answerPaused(state: Streamed['state'], paused: RunToolApprovalItem): void {
  const isPatch = paused.name === 'apply_patch' && paused.arguments?.trimStart().startsWith('*** Begin Patch') === true;
  if (isPatch) state.approve(paused);
  else state.reject(paused, { message: badArguments });
}

function coder({ model }: TurnRequest, instructions: string): SandboxAgent {
  const responses = model.api === 'responses';
  return new SandboxAgent({
    name: 'Airlock',
    instructions,
    model: model.name,
    // Given explicitly: the SDK's own defaults are meant for one family of models.
    modelSettings: {},
    capabilities: [
      shell({ configureTools: stopWithRun }),
      filesystem({
        // Over Chat Completions an image would travel as text, a megabyte of prompt each.
        configureTools: (tools) => stopWithRun(responses ? tools : tools.filter(({ name }) => name !== 'view_image')),
      }),
      ...(responses ? [compaction()] : []),
    ],
  });
}

function sessionOf(request: TurnRequest, observer: TurnObserver, commands: CommandTable): AirlockSandboxSession {
  const { sandbox, root, signal } = request;
  const manifest = new Manifest({ root });
  const state = { sandbox: sandbox.state(), deleteOnClose: false, manifest, environment: {}, workspaceReady: true };
  return new AirlockSandboxSession(sandbox, state, {
    commands,
    signal,
    openInput: false,
    edited: (edit) => observer.edited(edit),
    watcher: {
      intended: (op, command, cwd) => observer.commandIntended(op, command, cwd),
      output: (op, fd, bytes) => observer.commandOutput(op, fd, bytes),
      ended: (op, outcome) => observer.commandEnded(op, outcome),
      yielded: (op) => observer.commandYielded(op),
    },
  });
}

function usageOf(result: Streamed | undefined): { usage?: { inputTokens: number; outputTokens: number } } {
  if (result === undefined) return {};
  const { inputTokens, outputTokens } = result.state.usage;
  return { usage: { inputTokens, outputTokens } };
}
