import type { SandboxExecResult } from '@openai/agents-core/sandbox';
import { elapsedSeconds, formatExecResponse } from '@openai/agents-core/sandbox/internal';
import type { Outcome } from '../core/sandbox.ts';
import type { LiveCommand } from './execs.ts';
import { cutForModel } from './truncate.ts';

/** Tokens (of four bytes) of a command's output that go to the model when it names no limit, and at most. */
const usualTokens = 10_000;
const mostTokens = 50_000;

/** The cap on what the model is shown: its own wish within ours. */
export function tokensForModel(wanted: number | undefined): number {
  return Math.min(wanted ?? usualTokens, mostTokens);
}

/** What a command said since the last look, and how it stands. `sessionId` is given for one that goes on. */
export function execResult(
  command: LiveCommand,
  started: number,
  maxOutputTokens: number | undefined,
  sessionId?: number,
): SandboxExecResult {
  const { output, stdout, stderr } = command.unread.take();
  const { outcome } = command;
  const cut = cutForModel(output, maxOutputTokens);
  const remark = outcome === undefined ? undefined : remarkOn(outcome);
  const spacer = cut.text === '' || cut.text.endsWith('\n') ? '' : '\n';
  return {
    output: remark === undefined ? cut.text : `${cut.text}${spacer}[${remark}]`,
    stdout,
    stderr,
    wallTimeSeconds: elapsedSeconds(started),
    ...(outcome === undefined ? {} : { exitCode: exitCodeOf(outcome) }),
    ...(outcome === undefined && sessionId !== undefined ? { sessionId } : {}),
    ...(cut.originalTokenCount === undefined ? {} : { originalTokenCount: cut.originalTokenCount }),
  };
}

/** A failure in the words of a command's answer: the model never sees a thrown error's message. */
export function failedExec(tool: string, error: unknown, started: number): string {
  const message = error instanceof Error ? error.message : String(error);
  return formatExecResponse({
    output: `${tool} failed: ${message}`,
    exitCode: 1,
    wallTimeSeconds: elapsedSeconds(started),
  });
}

/** Exit codes as a shell reports them; null where none is known, which must never look like success. */
function exitCodeOf(outcome: Outcome): number | null {
  switch (outcome.kind) {
    case 'exited':
      return outcome.code;
    case 'signaled':
      return 128 + (signalNumbers[outcome.signal] ?? 1);
    case 'stopped':
      return outcome.by === 'abort' ? 130 : 124;
    case 'not-started':
      return 1;
    case 'unknown':
      return null;
  }
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGXCPU: 24,
  SIGXFSZ: 25,
};

function remarkOn(outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case 'exited':
      return undefined;
    case 'signaled':
      return `the command was ended by ${outcome.signal}`;
    case 'stopped': {
      const who = outcome.by === 'abort' ? 'the user stopped the command' : 'the command took too long';
      const what = outcome.killed === 'tree' ? 'it and all that it started have ended' : 'its process group has ended';
      return `${who}; ${what}`;
    }
    case 'not-started':
      return `the command was not started: ${outcome.problem.detail}`;
    case 'unknown':
      return `it is not known how the command ended, and it may still run: ${outcome.problem.detail}`;
  }
}
