import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import { findTemplate, sizes, templates } from './catalogue.ts';
import type { Guests } from './guests.ts';
import { freshId } from './ids.ts';
import type { Knobs } from './knobs.ts';
import type { Network } from './network.ts';
import { PublishedPorts } from './publishedPorts.ts';
import { refusal } from './refusals.ts';
import type { ComputerStatus, createSchema } from './schemas.ts';
import { Terminals } from './terminals.ts';

export type CreateRequest = z.infer<typeof createSchema>;

/** What a double's computers stand on. */
export interface World {
  readonly guests: Guests;
  readonly knobs: Knobs;
  readonly network: Network;
  /** Where terminals are reached. */
  readonly gatewayUrl: () => string;
}

/** Whom a computer belongs to and what it is called. */
export interface Identity {
  readonly name: string;
  readonly organization: string;
  readonly origin: string;
}

/** One command of the past, without its text and output. */
export interface Invocation {
  readonly command_id: string;
  readonly source: string;
  status: 'running' | 'succeeded' | 'failed' | 'timed_out';
  readonly started_at: string;
  readonly timeout_seconds: number;
  ended_at: string | null;
  duration_ms: number | null;
  exit_code: number | null;
  stdout_bytes: number;
  stderr_bytes: number;
  error_type: string | null;
}

const never = new AbortController().signal;

/** One computer: its record as the service tells it, and the real machine behind it. */
export class Computer {
  readonly id = freshId('cmp');
  readonly identity: Identity;
  readonly request: CreateRequest;
  readonly createdAt = new Date();
  readonly history: Invocation[] = [];
  readonly terminals: Terminals;
  readonly ports: PublishedPorts;
  readonly #guests: Guests;
  readonly #knobs: Knobs;
  readonly #size: { readonly vcpus: number; readonly ram_mb: number; readonly disk_size_mb: number };
  readonly #unwatch = new AbortController();
  #sandbox: Sandbox | undefined;
  #status: ComputerStatus = 'creating';
  #lastError: string | undefined;
  #stoppedAt: Date | undefined;
  /** What goes on now; transitions follow one another. */
  #work: Promise<void> = Promise.resolve();

  constructor({ guests, knobs, network, gatewayUrl }: World, request: CreateRequest, identity: Identity) {
    this.#guests = guests;
    this.#knobs = knobs;
    this.request = request;
    this.identity = identity;
    this.#size = sizeOf(request);
    this.terminals = new Terminals(() => this.running(), knobs, gatewayUrl);
    this.ports = new PublishedPorts(this.id, () => this.running(), knobs, network);
  }

  get status(): ComputerStatus {
    return this.#status;
  }

  /** Why it ended as an error. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** It uses one of the account's places. */
  get counts(): boolean {
    return !['stopped', 'deleting', 'deleted', 'error'].includes(this.#status);
  }

  /** The machine, for what needs a running one. Throws the service's 409 otherwise. */
  running(): Sandbox {
    if (this.#status === 'running' && this.#sandbox !== undefined) return this.#sandbox;
    const beginning = ['creating', 'starting', 'restoring'].includes(this.#status);
    throw refusal(409, beginning ? 'The sandbox is still starting' : `Computer is not running: it is ${this.#status}`);
  }

  /** Boots the machine for the first time. */
  provision(): Promise<void> {
    const fault = this.#knobs.createError;
    return this.#then(async () => {
      await this.#provisioned();
      if (fault !== undefined) throw new Error(fault);
      if (this.#status !== 'creating') return;
      this.#sandbox = await this.#guests.create();
      void this.#watch(this.#sandbox);
      this.#reach('creating', 'running');
    });
  }

  start(): Promise<void> {
    if (this.#status === 'restorable') return this.restore();
    if (this.#status !== 'stopped') throw refusal(409, `Computer cannot be started: it is ${this.#status}`);
    this.#status = 'starting';
    return this.#then(() => this.#boot('starting'));
  }

  stop(): Promise<void> {
    if (this.#status !== 'running') throw refusal(409, `Computer cannot be stopped: it is ${this.#status}`);
    this.#status = 'stopping';
    return this.#then(async () => {
      await this.#halt();
      this.#reach('stopping', 'stopped');
    });
  }

  delete(): Promise<void> {
    if (this.#status === 'deleting' || this.#status === 'deleted') {
      throw refusal(409, `Computer is already ${this.#status}`);
    }
    this.#status = 'deleting';
    return this.#then(async () => {
      this.#unwatch.abort();
      await this.ports.close();
      const settled = await this.#sandbox?.delete(never);
      if (settled !== undefined && settled.kind !== 'done') throw new Error(settled.problem.detail);
      this.#status = 'deleted';
    });
  }

  /** The host goes away, as hosts do: the computer can be restored, by itself where the knob says so. */
  async interrupt(): Promise<void> {
    this.running();
    this.#status = 'restorable';
    await this.#then(() => this.#halt());
    const after = this.#knobs.restoreMs;
    if (after !== undefined) void sleep(after, undefined, { ref: false }).then(() => this.restore());
  }

  /** Lets a paused restore go on. */
  restore(): Promise<void> {
    if (this.#status !== 'restorable') return Promise.resolve();
    this.#status = 'restoring';
    return this.#then(() => this.#boot('restoring'));
  }

  /** Resolves when no transition goes on. */
  async settled(): Promise<void> {
    for (let work; work !== this.#work;) await (work = this.#work);
  }

  /** As the service tells it. */
  toJSON(): Record<string, unknown> {
    const { image, template_id, template_version, network_policy, external_volume_enabled, size_id } = this.request;
    return {
      id: this.id,
      name: this.identity.name,
      status: this.#status,
      ...this.#size,
      image,
      template_id: template_id ?? 'scratch',
      template_version: template_version ?? null,
      network_policy,
      external_volume_enabled,
      connection: { ssh: null, access_url: null },
      published_ports: this.ports.list(),
      metrics: null,
      last_error: this.#lastError ?? null,
      created_at: this.createdAt.toISOString(),
      stopped_at: this.#stoppedAt?.toISOString() ?? null,
      compute_location: { provider: 'local', region: 'loopback-1', country_code: null },
      origin: this.identity.origin,
      custom_template_id: null,
      disk_delete_at: null,
      size_id: size_id ?? null,
      price_version: 'usage-v2',
    };
  }

  /** Takes as long as the knob says, also where it is turned meanwhile. */
  async #provisioned(): Promise<void> {
    for (const begun = performance.now(); performance.now() - begun < this.#knobs.provisionMs;) await sleep(10);
  }

  async #boot(from: ComputerStatus): Promise<void> {
    await this.#provisioned();
    if (this.#status !== from) return;
    const settled = await this.#sandbox?.start(never);
    if (settled?.kind !== 'done') throw new Error(settled?.problem.detail ?? 'There is no machine.');
    this.#stoppedAt = undefined;
    this.#reach(from, 'running');
  }

  async #halt(): Promise<void> {
    const settled = await this.#sandbox?.stop(never);
    if (settled?.kind !== 'done') throw new Error(settled?.problem.detail ?? 'There is no machine.');
    this.#stoppedAt = new Date();
  }

  /** A deletion that was asked for meanwhile stays what it is. */
  #reach(from: ComputerStatus, to: ComputerStatus): void {
    if (this.#status === from) this.#status = to;
  }

  #then(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(step).catch((error: unknown) => {
      this.#lastError = error instanceof Error ? error.message : String(error);
      this.#status = 'error';
    });
    return this.#work;
  }

  /** A machine that shuts itself down from inside is a stopped computer. */
  async #watch(sandbox: Sandbox): Promise<void> {
    for await (const { state } of sandbox.watch(this.#unwatch.signal)) {
      if (this.#status !== 'running' || state === 'running') continue;
      this.#status = 'stopped';
      this.#stoppedAt = new Date();
    }
  }
}

function sizeOf({ template_id, size_id, vcpus, ram_mb, disk_size_mb }: CreateRequest) {
  const template = findTemplate(template_id ?? 'scratch') ?? templates[0];
  const size = sizes.find(({ id }) => id === size_id);
  if (template_id != null && findTemplate(template_id) === undefined) {
    throw refusal(404, `Template ${template_id} not found`);
  }
  if (size_id != null && size === undefined) throw refusal(400, `Unknown size ${size_id}`);
  return {
    vcpus: vcpus ?? size?.vcpus ?? template?.default_vcpus ?? 1,
    ram_mb: ram_mb ?? size?.ram_mb ?? template?.default_ram_mb ?? 1024,
    disk_size_mb: disk_size_mb ?? size?.root_disk_mb ?? template?.default_disk_size_mb ?? 10_240,
  };
}
