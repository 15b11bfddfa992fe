import { problem, type ErrorId, type FixId, type Problem } from '../../../core/problem.ts';
import type { Envelope } from './envelope.ts';
import { mendedBy } from './fixes.ts';

/** What a refusal means, told by the fragments of its text that both programs share; there are no codes for most of it. */
export type Meaning =
  | 'no-such-vm'
  | 'no-such-snapshot'
  | 'snapshot-used'
  | 'no-snapshots'
  | 'name-taken'
  | 'timed-out'
  | 'port-in-use'
  | 'not-ready'
  | 'emulator-ended'
  | 'cannot-start'
  | 'not-running'
  | 'wrong-state'
  | 'missing-tool'
  | 'download-failed'
  | 'no-docker'
  | 'bad-input'
  | 'other';

/** The program ran and said no. `message` is its own text: to be logged, not shown. */
export interface Refusal {
  readonly meaning: Meaning;
  readonly code: string;
  readonly message: string;
  readonly data: unknown;
}

const fragments: readonly (readonly [RegExp, Meaning])[] = [
  [/^Snapshot '[a-z0-9_-]+' not found\b/, 'no-such-snapshot'],
  [/restored VM is active|backing an active restored|while restored \w+ is active/i, 'snapshot-used'],
  [/^Snapshot(s|ting)\b.*\b(not supported|supports only|requires)\b/, 'no-snapshots'],
  // What is missing may also be a tool or a file, and those are told otherwise.
  [/^\w+ '[a-z0-9_-]+' (was )?not found\b/i, 'no-such-vm'],
  [/already exists/i, 'name-taken'],
  [/is already in use/i, 'port-in-use'],
  [/process has exited|exited early/i, 'emulator-ended'],
  [/did not become ready/i, 'not-ready'],
  [/timed out after/i, 'timed-out'],
  [/^Download failed|^SHA-256 mismatch/i, 'download-failed'],
  [/\bdocker\b/i, 'no-docker'],
  [/^Cannot start\b/i, 'cannot-start'],
  [/^Cannot \w+ .*\bin state\b/i, 'wrong-state'],
];

const byCode: Readonly<Record<string, Meaning>> = {
  not_running: 'not-running',
  missing_dependency: 'missing-tool',
  invalid_input: 'bad-input',
  usage_error: 'bad-input',
  not_found: 'no-such-vm',
};

/** Reads a failed envelope. One without an error is a refusal too, of which nothing more is known. */
export function refusalOf(envelope: Envelope): Refusal {
  const { code, message } = envelope.error ?? { code: 'none', message: '' };
  const told = fragments.find(([pattern]) => pattern.test(message))?.[1];
  return { meaning: told ?? byCode[code] ?? 'other', code, message: message.slice(0, 4000), data: envelope.data };
}

type Said = readonly [id: ErrorId, detail: string, fix?: FixId | ReturnType<typeof mendedBy>];

const sentences: Readonly<Record<Meaning, Said>> = {
  'no-such-vm': ['sandbox-gone', 'SmolVM knows no microVM of this name any more.'],
  'no-such-snapshot': ['not-found', 'This snapshot is not there any more.'],
  'snapshot-used': [
    'bad-input',
    'The microVM runs from this snapshot: go back to another one first, or stop the sandbox.',
  ],
  'no-snapshots': [
    'unsupported',
    'SmolVM takes no snapshot of this microVM: it can of disks of the usual size, without mounts and further drives.',
    'open-log',
  ],
  'name-taken': ['bad-input', 'A microVM of this name exists already.'],
  'timed-out': ['sandbox-start-failed', 'The microVM did not answer in time: try again.', 'retry'],
  'port-in-use': [
    'sandbox-start-failed',
    'The port of the microVM is in use on this machine: try again in a minute.',
    'retry',
  ],
  'not-ready': ['sandbox-lost', 'The microVM does not answer.', 'restart-sandbox'],
  'emulator-ended': [
    'sandbox-start-failed',
    'The microVM ended while it started: run SmolVM’s doctor.',
    mendedBy('doctor'),
  ],
  'cannot-start': ['sandbox-lost', 'SmolVM has given this microVM up after a crash: it can only be deleted.'],
  'not-running': ['sandbox-lost', 'The microVM does not run.', 'restart-sandbox'],
  'wrong-state': ['sandbox-lost', 'The microVM is in another state than it was.', 'retry'],
  'missing-tool': [
    'sandbox-unavailable',
    'SmolVM lacks a program that it needs: run SmolVM’s doctor.',
    mendedBy('doctor'),
  ],
  'download-failed': ['unreachable', "The system's image could not be downloaded whole: check the network.", 'retry'],
  'no-docker': [
    'sandbox-unavailable',
    'SmolVM builds the Alpine image with Docker, which is not there: choose Ubuntu as the system, or start Docker.',
    'open-settings',
  ],
  'bad-input': ['bad-input', 'SmolVM does not accept these options; the log has its words.', 'open-log'],
  other: ['sandbox-start-failed', 'SmolVM refused; the log has its words.', 'open-log'],
};

/** The sentence for people. The program ran to its end, so what it refused was not done. */
export function problemOfRefusal({ meaning }: Refusal): Problem {
  const [id, detail, fix] = sentences[meaning];
  return problem(id, detail, typeof fix === 'string' ? { fix } : fix);
}
