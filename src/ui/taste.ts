import type { RelPath } from '../core/paths.ts';
import { hostRule, type HostRule } from '../core/network/hostRule.ts';
import { memberOf, relPathIn, textOf, textsOf } from './narrow.ts';
import { readApproval, type Approval } from './upload/approval.ts';

/** The part of the editor's memento that is used. */
export interface Memory {
  get(key: string): unknown;
  keys(): readonly string[];
  update(key: string, value: unknown): PromiseLike<void>;
}

/** Which tool chains a person was asked about, and which of them a sandbox may read; by host folder. */
export interface ToolchainAnswer {
  readonly offered: readonly string[];
  readonly agreed: readonly string[];
}

/**
 * What a person chose or agreed to, and a prompt that is not sent yet. Where it is lost they are asked again and nothing
 * of their work is gone. Keyed by folder or session.
 */
export class Taste {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Provider id that was chosen for a folder. */
  sandbox(folder: string): string | undefined {
    return textOf(this.#memory.get(`sandbox:${folder}`));
  }

  async setSandbox(folder: string, provider: string): Promise<void> {
    await this.#memory.update(`sandbox:${folder}`, provider);
  }

  toolchains(folder: string): ToolchainAnswer | undefined {
    const answer = this.#memory.get(`toolchains:${folder}`);
    const offered = textsOf(memberOf(answer, 'offered'));
    const agreed = textsOf(memberOf(answer, 'agreed'));
    return offered === undefined || agreed === undefined ? undefined : { offered, agreed };
  }

  async setToolchains(folder: string, answer: ToolchainAnswer): Promise<void> {
    await this.#memory.update(`toolchains:${folder}`, answer);
  }

  /** What was agreed to for every session of a folder into one kind of sandbox. */
  folderApproval(folder: string, sandbox: string): Approval | undefined {
    return readApproval(this.#memory.get(`upload:${sandbox}:${folder}`));
  }

  async setFolderApproval(folder: string, sandbox: string, approval: Approval): Promise<void> {
    await this.#memory.update(`upload:${sandbox}:${folder}`, approval);
  }

  /** What was agreed to in one session. */
  sessionApproval(session: string): Approval | undefined {
    return readApproval(this.#memory.get(`upload:${session}`));
  }

  async setSessionApproval(session: string, approval: Approval | undefined): Promise<void> {
    await this.#memory.update(`upload:${session}`, approval);
  }

  /**
   * Held-back files that a person wants to go in, of a session or of what is started next in a folder: not agreed to yet.
   */
  wanted(of: string): readonly RelPath[] | undefined {
    return textsOf(this.#memory.get(`wanted:${of}`))?.flatMap(relPathIn);
  }

  async setWanted(of: string, paths: readonly RelPath[] | undefined): Promise<void> {
    await this.#memory.update(`wanted:${of}`, paths);
  }

  /** Forgets all that was agreed to of a folder's uploads and tools, and in the session: they are asked about again. */
  async askAgain(folder: string, session: string | undefined): Promise<void> {
    const ofFolder = (key: string) => /^(?:upload|toolchains|wanted):/.test(key) && key.endsWith(`:${folder}`);
    const ofSession = (key: string) => key === `upload:${session}` || key === `wanted:${session}`;
    for (const key of this.#memory.keys()) {
      if (ofFolder(key) || ofSession(key)) await this.#memory.update(key, undefined);
    }
  }

  /** Hosts that a person allowed to every sandbox of a folder. */
  hosts(folder: string): readonly HostRule[] {
    const kept = this.#memory.get(`hosts:${folder}`);
    return Array.isArray(kept) ? kept.flatMap(keptRule) : [];
  }

  async setHosts(folder: string, rules: readonly HostRule[]): Promise<void> {
    await this.#memory.update(`hosts:${folder}`, rules.length === 0 ? undefined : rules);
  }

  /** The session that the panel showed last in this workspace. */
  shown(): string | undefined {
    return textOf(this.#memory.get('shown'));
  }

  async setShown(session: string | undefined): Promise<void> {
    await this.#memory.update('shown', session);
  }

  /** Whether apps that begin to listen are told of. */
  tellsOfPorts(): boolean {
    return this.#memory.get('ports.silent') !== true;
  }

  async setTellsOfPorts(tells: boolean): Promise<void> {
    await this.#memory.update('ports.silent', tells ? undefined : true);
  }

  draft(): string {
    return textOf(this.#memory.get('draft')) ?? '';
  }

  async setDraft(text: string): Promise<void> {
    await this.#memory.update('draft', text === '' ? undefined : text);
  }
}

function keptRule(value: unknown): HostRule[] {
  const [host, ports] = [textOf(memberOf(value, 'host')), memberOf(value, 'ports')];
  if (host === undefined || !Array.isArray(ports)) return [];
  const parsed = hostRule(host, ports.map(Number), memberOf(value, 'lan') === true);
  return parsed.ok ? [parsed.rule] : [];
}
