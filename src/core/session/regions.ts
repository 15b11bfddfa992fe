import type { OpId } from '../../shared/ids.ts';
import type { SessionStatus } from '../../shared/view.ts';
import { withoutRules, withRules, type AllowedHost } from '../network/allowed.ts';
import type { EndingWord } from './ending.ts';
import type { LogEvent, LoggedEvent } from './events.ts';
import { rulesIn } from './networkEvents.ts';

type SandboxRegion = 'none' | Extract<LogEvent, { t: 'sandbox' }>['state'];
type TurnRegion = 'none' | 'running' | 'ended' | 'interrupted' | 'failed';
type SyncRegion = 'idle' | 'hydrate' | 'push' | 'pull';

/** The four regions of a session. What is displayed is derived from them and stored nowhere. */
export interface Regions {
  readonly sandbox: SandboxRegion;
  readonly incarnation: string | undefined;
  readonly turn: TurnRegion;
  readonly turnId: string | undefined;
  readonly sync: SyncRegion;
  readonly syncFiles: number | undefined;
  /** A new sandbox was asked for and is to be filled, up to the first look at what it holds. */
  readonly filling: boolean;
  readonly changes: number;
  readonly ended: boolean;
  /** A sandbox was attached: what both sides had before is not known. */
  readonly attached: boolean;
  /** Commands that were asked for and whose end is not logged. */
  readonly openCommands: ReadonlyMap<OpId, string>;
  /** Those of them that go on by themselves: nobody waits for their end. */
  readonly background: ReadonlySet<OpId>;
  /** Hosts that a person lets the sandbox reach. */
  readonly allowed: readonly AllowedHost[];
}

export const newRegions: Regions = {
  sandbox: 'none',
  incarnation: undefined,
  turn: 'none',
  turnId: undefined,
  sync: 'idle',
  syncFiles: undefined,
  filling: false,
  changes: 0,
  ended: false,
  attached: false,
  openCommands: new Map(),
  background: new Set(),
  allowed: [],
};

/** Folds one record of the log into the regions. */
export function foldRegions(regions: Regions, { event }: LoggedEvent): Regions {
  switch (event.t) {
    case 'sandbox':
      return withSandbox(regions, event);
    case 'turn-started':
      return { ...regions, turn: 'running', turnId: event.turn, background: new Set(regions.openCommands.keys()) };
    case 'turn-ended':
      return { ...regions, turn: turnRegion(event.how), turnId: undefined };
    case 'create-intent':
    case 'attach-intent':
      return { ...regions, filling: true };
    case 'sync-intent':
      return {
        ...regions,
        sync: event.kind,
        syncFiles: event.files,
        filling: regions.filling || event.kind === 'hydrate',
      };
    case 'sync-done': {
      const goesOn = event.kind === 'hydrate' && event.problem === undefined;
      return { ...regions, sync: 'idle', syncFiles: undefined, filling: regions.filling && goesOn };
    }
    case 'command-intent':
      return { ...regions, openCommands: new Map(regions.openCommands).set(event.op, event.command) };
    case 'command-ended':
      return { ...regions, openCommands: without(regions.openCommands, event.op) };
    case 'changes':
      return { ...regions, changes: event.count };
    case 'hosts-allowed':
      return { ...regions, allowed: withRules(regions.allowed, rulesIn(event), event.lasts) };
    case 'hosts-revoked':
      return { ...regions, allowed: withoutRules(regions.allowed, event.hosts) };
    case 'attached':
      return { ...regions, attached: true };
    case 'ended':
      return { ...regions, ended: true };
    default:
      return regions;
  }
}

/** A command outlived its wait. */
export function inBackground(regions: Regions, op: OpId): Regions {
  return { ...regions, background: new Set(regions.background).add(op) };
}

/** What was allowed ends with the sandbox that it was allowed to. */
function withSandbox(regions: Regions, event: Extract<LogEvent, { t: 'sandbox' }>): Regions {
  const allowed = event.state === 'deleted' || event.state === 'gone' ? [] : regions.allowed;
  const { incarnation = regions.incarnation, state } = event;
  return { ...regions, sandbox: state, incarnation, allowed, filling: isToBeFilled(regions, state) };
}

/** What was asked for anew holds nothing yet when it runs. */
function isToBeFilled({ filling, sandbox }: Regions, state: SandboxRegion): boolean {
  return filling && (state === 'starting' || (state === 'running' && sandbox === 'starting'));
}

function turnRegion(how: Extract<LogEvent, { t: 'turn-ended' }>['how']): TurnRegion {
  return how === 'interrupted' || how === 'failed' ? how : 'ended';
}

function without(commands: ReadonlyMap<OpId, string>, op: OpId): ReadonlyMap<OpId, string> {
  const rest = new Map(commands);
  rest.delete(op);
  return rest;
}

/** The one word and the sentence that the tree and the panel show. */
export function statusOf(regions: Regions, ending?: EndingWord): { status: SessionStatus; text: string } {
  if (regions.ended) return { status: 'ended', text: 'Ended' };
  if (ending !== undefined || regions.sandbox === 'stopping') return { status: 'stopping', text: ending ?? 'Stopping' };
  if (regions.sandbox === 'starting') return { status: 'starting', text: 'Starting sandbox' };
  if (regions.sync === 'hydrate') return { status: 'uploading', text: copying(regions.syncFiles) };
  if (regions.filling && regions.sandbox === 'running') return { status: 'uploading', text: 'Preparing the workspace' };
  if (regions.turn === 'running') return { status: 'working', text: workingText(regions) };
  if (regions.sync === 'pull') return { status: 'working', text: 'Taking in what changed' };
  return restingStatus(regions);
}

function restingStatus(regions: Regions): { status: SessionStatus; text: string } {
  if (regions.sandbox === 'none') return { status: 'new', text: 'Not started' };
  if (regions.sandbox === 'failed') return { status: 'failed', text: 'Start failed' };
  if (regions.sandbox === 'lost') return { status: 'failed', text: 'Sandbox lost' };
  if (regions.sandbox === 'gone' || regions.sandbox === 'deleted') return { status: 'gone', text: 'Sandbox gone' };
  if (regions.sandbox === 'paused') return { status: 'paused', text: 'Paused' };
  if (regions.turn === 'interrupted') return { status: 'interrupted', text: 'Interrupted' };
  if (regions.sandbox === 'stopped') return { status: 'stopped', text: 'Stopped' };
  if (regions.turn === 'failed') return { status: 'failed', text: 'Turn failed' };
  return { status: 'idle', text: 'Ready' };
}

function copying(files: number | undefined): string {
  return files === undefined ? 'Copying files' : `Copying ${files} file${files === 1 ? '' : 's'}`;
}

function workingText(regions: Regions): string {
  if (regions.sandbox === 'paused') return 'Sandbox paused';
  if (regions.sync === 'push') return 'Sending your changes';
  const awaited = [...regions.openCommands].filter(([op]) => !regions.background.has(op));
  const command = awaited.at(-1)?.[1];
  return command === undefined ? 'Thinking' : `Running ${command.split('\n', 1)[0]?.slice(0, 80) ?? ''}`;
}
