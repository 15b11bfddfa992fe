import { z } from 'zod';
import { approvalShape, type Approval } from './upload/approval.ts';

/** The part of the editor's memento that is used. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const toolchainsShape = z.object({ offered: z.array(z.string()), agreed: z.array(z.string()) });

/** Which tool chains a person was asked about, and which of them a sandbox may read; by host folder. */
export type ToolchainAnswer = z.infer<typeof toolchainsShape>;

/** Choices of this window that only spare questions: losing them loses nothing else. Keyed by folder or session. */
export class Taste {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Provider id that was chosen for a folder. */
  sandbox(folder: string): string | undefined {
    return this.#read(`sandbox:${folder}`, z.string());
  }

  async setSandbox(folder: string, provider: string): Promise<void> {
    await this.#memory.update(`sandbox:${folder}`, provider);
  }

  toolchains(folder: string): ToolchainAnswer | undefined {
    return this.#read(`toolchains:${folder}`, toolchainsShape);
  }

  async setToolchains(folder: string, answer: ToolchainAnswer): Promise<void> {
    await this.#memory.update(`toolchains:${folder}`, answer);
  }

  /** What was agreed to for every session of a folder into one kind of sandbox. */
  folderApproval(folder: string, sandbox: string): Approval | undefined {
    return this.#read(`upload:${sandbox}:${folder}`, approvalShape);
  }

  async setFolderApproval(folder: string, sandbox: string, approval: Approval): Promise<void> {
    await this.#memory.update(`upload:${sandbox}:${folder}`, approval);
  }

  /** What was agreed to in one session. */
  sessionApproval(session: string): Approval | undefined {
    return this.#read(`upload:${session}`, approvalShape);
  }

  async setSessionApproval(session: string, approval: Approval | undefined): Promise<void> {
    await this.#memory.update(`upload:${session}`, approval);
  }

  /** The session that the panel showed last in this workspace. */
  shown(): string | undefined {
    return this.#read('shown', z.string());
  }

  async setShown(session: string | undefined): Promise<void> {
    await this.#memory.update('shown', session);
  }

  draft(): string {
    return this.#read('draft', z.string()) ?? '';
  }

  async setDraft(text: string): Promise<void> {
    await this.#memory.update('draft', text === '' ? undefined : text);
  }

  #read<T>(key: string, shape: z.ZodType<T>): T | undefined {
    const parsed = shape.safeParse(this.#memory.get(key));
    return parsed.success ? parsed.data : undefined;
  }
}
