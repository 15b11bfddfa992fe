import type { SessionId } from '../../shared/ids.ts';
import type { Gesture } from '../gesture.ts';
import { hostsSubject, networkWords, type Lasts } from '../network/allowed.ts';
import type { Network, NetworkView } from '../network/api.ts';
import { ConnectionLog, type Connection } from '../network/connections.ts';
import { decide, judge } from '../network/decision.ts';
import type { Egress, EgressGate } from '../network/egress.ts';
import type { HostRule } from '../network/hostRule.ts';
import { Traffic } from '../network/traffic.ts';
import { fail, problemOf, type Problem } from '../problem.ts';
import type { Sandbox } from '../sandbox.ts';
import { connectionEvent, connectionOf, trafficEvent } from './networkEvents.ts';
import type { Recorder } from './recorder.ts';

/**
 * Records of each kind of connection that one session's log takes: what floods in is still seen, and not kept. What goes
 * out beyond that is counted.
 */
const mostLogged = { refused: 1000, ended: 2000 };

/**
 * The network of a session that this window owns. What is allowed is folded from the log; the way out is open only while
 * this process holds it open, so nothing gets out once it is gone.
 */
export class SessionNetwork implements Network {
  readonly #session: SessionId;
  readonly #recorder: Recorder;
  readonly #connections = new ConnectionLog();
  readonly #gate: EgressGate;
  readonly #traffic = new Traffic();
  readonly #logged = { refused: 0, ended: 0 };
  #sandbox: Sandbox | undefined;
  #egress: Egress | undefined;
  #problem: Problem | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(session: SessionId, recorder: Recorder) {
    this.#session = session;
    this.#recorder = recorder;
    this.#gate = {
      decide: (target) => decide(this.#rules, target),
      judge: (target, addresses, own) => judge(this.#rules, target, addresses, own),
      report: (connection) => this.#heard(connection),
    };
    for (const { event, at } of recorder.events) {
      if (event.t === 'traffic') this.#traffic.read(event);
      if (event.t !== 'connection') continue;
      const connection = connectionOf(event, at);
      this.#logged[kindOf(connection)] += 1;
      this.#connections.add(connection);
      if (connection.state !== 'refused') this.#traffic.add(this.#rules, connection);
    }
  }

  get #rules(): readonly HostRule[] {
    return this.#recorder.regions.allowed.map(({ rule }) => rule);
  }

  view(): NetworkView {
    const { allowed, sandbox } = this.#recorder.regions;
    const egress = sandbox === 'running' ? (this.#sandbox?.caps.egress ?? 'unknown') : 'unknown';
    const connections = this.#connections.newestFirst();
    const reachesHere = egress !== 'unknown' && this.#sandbox?.caps.reachesHostLoopback === true;
    return {
      egress,
      reachesHere,
      allowed,
      connections,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  async allow(rules: readonly HostRule[], lasts: Lasts, gesture: Gesture): Promise<void> {
    gesture.spend('allow-host', hostsSubject(this.#session, rules, lasts));
    if (this.#sandbox?.openEgress === undefined || this.#sandbox.caps.egress !== 'allow-list') {
      fail('unsupported', 'This sandbox has no list of allowed hosts that could be changed.');
    }
    await this.#recorder.intend({ t: 'hosts-allowed', hosts: rules.map((rule) => ({ ...rule })), lasts });
    await this.#follow();
    if (this.#problem !== undefined) fail(this.#problem.id, this.#problem.detail, this.#problem);
  }

  async revoke(texts: readonly string[]): Promise<void> {
    try {
      await this.#recorder.intend({ t: 'hosts-revoked', hosts: [...texts] });
    } catch (error) {
      // What cannot be written down must still end: better no network than one that a person believes to be off.
      await this.#shut();
      throw error;
    }
    await this.#follow();
  }

  /** Another sandbox, or the same one started anew: what is allowed holds for it too. */
  async adopt(sandbox: Sandbox): Promise<void> {
    await this.#exclusive(async () => {
      await this.#egress?.close();
      this.#egress = undefined;
      this.#sandbox = sandbox;
    });
    await this.#follow();
  }

  /** Lets nothing out any more: the session is let go of. */
  async close(): Promise<void> {
    await this.#shut();
    this.#writeSums();
    this.#sandbox = undefined;
  }

  /** Brings the way out in step with the list. Never rejects: what fails is told by the view. */
  async #follow(): Promise<void> {
    this.#egress?.recheck();
    await this.#exclusive(async () => {
      this.#problem = undefined;
      if (this.#rules.length === 0) await this.#closeEgress();
      else this.#egress ??= await this.#sandbox?.openEgress?.(this.#gate);
    }).catch((error: unknown) => {
      this.#problem = problemOf(error, 'sandbox-lost');
    });
    this.#recorder.tell({ kind: 'network' });
    this.#recorder.tell({ kind: 'summary' });
  }

  async #shut(): Promise<void> {
    await this.#exclusive(() => this.#closeEgress());
  }

  async #closeEgress(): Promise<void> {
    const egress = this.#egress;
    this.#egress = undefined;
    await egress?.close();
  }

  async #exclusive<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  #write(connection: Connection): void {
    const kind = kindOf(connection);
    const carried = kind === 'ended' ? this.#traffic.add(this.#rules, connection) : undefined;
    if (this.#logged[kind] < mostLogged[kind]) {
      this.#logged[kind] += 1;
      this.#recorder.note(connectionEvent(connection));
    } else if (carried !== undefined && this.#traffic.hasDoubled(carried)) this.#recorder.note(trafficEvent(carried));
  }

  /** Where each connection is in the log, their sum need not be. */
  #writeSums(): void {
    if (this.#logged.ended < mostLogged.ended) return;
    for (const carried of this.#traffic.unwritten()) {
      this.#traffic.read(carried);
      this.#recorder.note(trafficEvent(carried));
    }
  }

  #heard(connection: Connection): void {
    const { kept, isNew } = this.#connections.add(connection);
    const isLasting = connection.state === 'refused' ? isNew : connection.state !== 'open';
    if (isLasting) this.#write(kept);
    this.#recorder.tell({ kind: 'network', ...(connection.state === 'refused' ? { refused: kept } : {}) });
  }
}

function kindOf({ state }: Connection): 'refused' | 'ended' {
  return state === 'refused' ? 'refused' : 'ended';
}

/** The view in a few words; undefined while no sandbox runs. */
export function wordsOf({ egress, allowed, problem, reachesHere }: NetworkView): string | undefined {
  if (egress === 'unknown') return undefined;
  return problem === undefined ? networkWords(egress, allowed.length, reachesHere) : 'network: not available';
}
