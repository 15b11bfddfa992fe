import { commands } from 'vscode';
import type { RelPath } from '../core/paths.ts';
import { AirlockError, fail } from '../core/problem.ts';
import type { TurnEnd } from '../core/agent.ts';
import type { Gesture } from '../core/gesture.ts';
import type { Session, TurnInput } from '../core/session/api.ts';
import type { UploadManifest } from '../core/sync/types.ts';
import { askModally } from './dialogs.ts';
import { confirmPush, rememberedPush } from './gestures.ts';
import { environmentSentence } from './model.ts';
import { valueOf, withCancel, type Ended } from './progress.ts';
import { currentModel, type Services } from './services.ts';
import { remembers, type AskedBy } from './start/asked.ts';
import { windowProblem } from './start/folders.ts';
import { hydrate, uploadPlace } from './start/hydrate.ts';
import { refilled } from './start/refill.ts';
import { restarted } from './start/restart.ts';
import { startSession } from './start/startSession.ts';
import { isOver } from './statuses.ts';
import { agreedUpload } from './upload/agree.ts';
import { approvalOf, whyAskPush } from './upload/approval.ts';

const continuePrompt = 'Continue where you were interrupted. Check first what is already done.';

/** Prompts, from the person to the agent of the shown session. */
export class Turns {
  readonly #services: Services;
  #sending = false;
  #lastPrompt: string | undefined;

  constructor(services: Services) {
    this.#services = services;
  }

  /** A prompt is on its way or a turn runs. */
  get isSending(): boolean {
    return this.#sending;
  }

  /**
   * Sends a prompt: starts or restarts the sandbox where needed, sends local changes along, runs the turn. Answers false
   * where the person stopped on the way, so that the prompt is theirs to keep.
   */
  async send(prompt: string, by: AskedBy = 'person'): Promise<boolean> {
    if (this.#sending) fail('bad-input', 'The agent is still working. Stop it first.');
    this.#sending = true;
    this.#lastPrompt = prompt;
    try {
      return await this.#send(prompt, by);
    } finally {
      this.#sending = false;
    }
  }

  /** Goes on with what a reload, a crash or a failure cut off. */
  async continue(by: AskedBy): Promise<boolean> {
    const session = this.#services.active.current;
    if (session === undefined || isOver(session.summary().status)) return await this.send(continuePrompt, by);
    if (!(await remembers(this.#services, session, by)) && !(await asksToGoOn(session))) return false;
    return await this.send(continuePrompt);
  }

  /** Sends the last prompt of the shown session again. */
  async retry(): Promise<boolean> {
    const prompts = this.#services.active.current?.transcript().filter(({ kind }) => kind === 'prompt') ?? [];
    const last = prompts.at(-1);
    const prompt = (last?.kind === 'prompt' ? last.text : undefined) ?? this.#lastPrompt;
    if (prompt !== undefined) return await this.send(prompt);
    return (await this.session('person')) !== undefined;
  }

  async #send(prompt: string, by: AskedBy): Promise<boolean> {
    const model = currentModel(this.#services);
    const blocked = windowProblem();
    if (blocked !== undefined) throw new AirlockError(blocked);
    const apiKey = await this.#services.keys.forTurn(model, askForEnvironmentKey);
    const said = environmentSentence(model);
    if (said !== undefined) this.#services.log.info(said);
    const session = await this.session(by);
    if (session === undefined) return false;
    const input: TurnInput = { prompt, model: model.choice, apiKey };
    return await this.#deliver(session, input, by);
  }

  /** A failed turn is told in the transcript, with its button; only a refusal to begin is thrown. */
  async #deliver(session: Session, input: TurnInput, by: AskedBy): Promise<boolean> {
    const push = await this.#agreedPush(session, by);
    if (push === 'cancelled') return false;
    try {
      this.#log(await session.send(input, push));
      return true;
    } catch (error) {
      if (!isMendedByRestart(error) || (await restarted(session)) === undefined) throw error;
    }
    const again = await this.#agreedPush(session, by);
    if (again === 'cancelled') return false;
    this.#log(await session.send(input, again));
    return true;
  }

  #log(end: TurnEnd): void {
    if (end.how !== 'failed') return;
    this.#services.log.error(`The turn failed (${end.problem.id}): ${end.problem.detail}`);
  }

  /** The shown session with a usable sandbox, or a new one. Undefined where the person stopped on the way. */
  async session(by: AskedBy): Promise<Session | undefined> {
    const session = this.#services.active.current;
    if (session === undefined) return await startSession(this.#services, by);
    const isLost = session.lastCheckpoint() !== undefined;
    if (isOver(session.summary().status) && !isLost) return await startSession(this.#services, by);
    const { elsewhere, readOnly, status } = session.summary();
    if (readOnly !== undefined) fail('newer-schema', readOnly);
    if (elsewhere) fail('owned-elsewhere', 'Another window works with this session. Continue there.');
    if (session.folder === undefined) {
      fail('folder-unavailable', 'The folder of this session is not open in this window.', { fix: 'open-folder' });
    }
    if (isLost) return await refilled(this.#services, session);
    const hasPrompt = session.transcript().some(({ kind }) => kind === 'prompt');
    if (status === 'new') return await this.#hydrated(session, by);
    if (status === 'failed' && !hasPrompt) return await this.#startedAfterAll(session, by);
    return status === 'stopped' || status === 'paused' ? await restarted(session) : session;
  }

  async #hydrated(session: Session, by: AskedBy): Promise<Session | undefined> {
    return (await hydrate(session, this.#services, by)) ? session : undefined;
  }

  /** A sandbox that failed before its first turn: the same one where it exists, else another one, or a new start. */
  async #startedAfterAll(session: Session, by: AskedBy): Promise<Session | undefined> {
    try {
      return await restarted(session);
    } catch (error) {
      if (!(error instanceof AirlockError) || error.problem.id !== 'sandbox-gone') throw error;
    }
    const isLost = session.lastCheckpoint() !== undefined;
    return isLost ? await refilled(this.#services, session) : await this.#hydrated(session, by);
  }

  /** What goes in before the turn, agreed to now or before. Undefined: nothing does. */
  async #agreedPush(
    session: Session,
    by: AskedBy,
  ): Promise<{ manifest: UploadManifest; gesture: Gesture } | 'cancelled' | undefined> {
    const { taste, lists } = this.#services;
    const approved = taste.sessionApproval(session.id);
    const planned = await planPush(session, new Set(taste.wanted(session.id) ?? approved?.included));
    if (planned.kind === 'cancelled') return 'cancelled';
    const manifest = valueOf(planned);
    // Deletions carry no byte of this machine: they need no agreement.
    if (manifest === undefined || manifest.files.length === 0) return undefined;
    const counts = approved !== undefined && (await remembers(this.#services, session, by));
    const silent = rememberedPush(manifest, counts ? approved : undefined);
    if (silent !== undefined) return { manifest, gesture: silent };
    const answer = await agreedUpload(manifest, {
      place: uploadPlace(session),
      lists,
      why: (asked) => whyAskPush(asked, approved),
      confirm: confirmPush,
      plan: (included) => planAgain(session, included),
    });
    if (answer === undefined) return 'cancelled';
    await taste.setWanted(session.id, undefined);
    if (answer.kind === 'nothing') {
      const { included } = answer;
      await taste.setSessionApproval(session.id, approved && { ...approved, included });
      return undefined;
    }
    await taste.setSessionApproval(session.id, approvalOf(answer.manifest, approved));
    return answer;
  }
}

async function planPush(session: Session, included: ReadonlySet<RelPath>): Promise<Ended<UploadManifest | undefined>> {
  return await withCancel('Looking for what changed in your folder', async (_say, signal) => {
    return await session.planPush({ included, signal });
  });
}

async function planAgain(
  session: Session,
  included: ReadonlySet<RelPath>,
): Promise<UploadManifest | 'nothing' | undefined> {
  const planned = await planPush(session, included);
  if (planned.kind === 'cancelled') return undefined;
  const manifest = valueOf(planned);
  return manifest === undefined || manifest.files.length === 0 ? 'nothing' : manifest;
}

/** Asked where a command would let the agent go on in a place that is not this machine. */
async function asksToGoOn(session: Session): Promise<boolean> {
  const goOn = 'Continue';
  const { sandbox, title } = session.summary();
  const message = `Let the agent go on in “${title}”?`;
  const detail = `It works in ${sandbox}. What changed in your folder goes there first, as you agreed.`;
  return (await askModally({ message, detail }, goOn)) === goOn;
}

function isMendedByRestart(error: unknown): boolean {
  if (!(error instanceof AirlockError)) return false;
  return error.problem.fix === 'restart-sandbox' || error.problem.fix === 'resume-sandbox';
}

async function askForEnvironmentKey(host: string): Promise<boolean> {
  const [use, set] = ['Use This Key', 'Set Another Key…'] as const;
  const message = `Use OPENAI_API_KEY from the environment for ${host}?`;
  const detail = `The key is sent to ${host} only, with each request to the model. It never enters the sandbox. Asked once.`;
  const pressed = await askModally({ message, detail }, use, set);
  if (pressed === set) await commands.executeCommand('airlock.setApiKey');
  return pressed === use;
}
