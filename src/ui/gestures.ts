import { Gesture, type BorderAct } from '../core/gesture.ts';
import { hostsSubject, type Lasts } from '../core/network/allowed.ts';
import { attachSubject, computerSubject } from '../core/computers/subject.ts';
import type { HostRule } from '../core/network/hostRule.ts';
import type { Foreign } from '../core/sandbox.ts';
import type { Session } from '../core/session/api.ts';
import { goBackSubject } from '../core/session/snapshots.ts';
import type { Snapshot } from '../core/snapshots.ts';
import type { ChangeSet, UploadManifest } from '../core/sync/types.ts';
import type { SessionId } from '../shared/ids.ts';
import { askModally, type Question } from './dialogs.ts';
import { isOver } from './statuses.ts';
import { whyAskPush, whyAskUpload, type Approval } from './upload/approval.ts';

/**
 * The only place where gestures are made: each by a native modal dialog that names its subject, or by what a person
 * agreed to in one before. Taking back what holds nothing of anybody's yet needs none ({@link discardUnstarted}).
 */
async function minted(
  act: BorderAct,
  subject: string,
  question: Question,
  button: string,
): Promise<Gesture | undefined> {
  return (await askModally(question, button)) === button ? new Gesture(act, subject) : undefined;
}

const uploadButtons = ['Upload and Start', 'Upload and Don’t Ask Again for This Folder', 'Show Details'] as const;
const pushButtons = ['Send Changes', 'Show Details'] as const;

/** What a person answered to an upload: the gesture, whether to remember it, or the wish to see the list first. */
export type UploadAnswer = { gesture: Gesture; remember: boolean } | 'details' | undefined;

/** Asks before the first byte of a folder leaves. */
export async function confirmUpload(manifest: UploadManifest, question: Question): Promise<UploadAnswer> {
  const [once, always, details] = uploadButtons;
  const pressed = await askModally(question, once, always, details);
  if (pressed === undefined) return undefined;
  return pressed === details ? 'details' : { gesture: uploadGesture(manifest), remember: pressed === always };
}

/** Asks before changed files follow, where what was agreed to does not cover them. */
export async function confirmPush(manifest: UploadManifest, question: Question): Promise<UploadAnswer> {
  const [send, details] = pushButtons;
  const pressed = await askModally(question, send, details);
  if (pressed === undefined) return undefined;
  return pressed === details ? 'details' : { gesture: uploadGesture(manifest), remember: false };
}

/** The gesture that a folder's remembered choice gives; undefined where it does not cover this upload. */
export function rememberedUpload(manifest: UploadManifest, approved: Approval | undefined): Gesture | undefined {
  return whyAskUpload(manifest, approved) === undefined ? uploadGesture(manifest) : undefined;
}

/** The gesture that this session's upload dialog gives for the changes that follow; undefined where they do not fit. */
export function rememberedPush(manifest: UploadManifest, approved: Approval | undefined): Gesture | undefined {
  return whyAskPush(manifest, approved) === undefined ? uploadGesture(manifest) : undefined;
}

function uploadGesture(manifest: UploadManifest): Gesture {
  return new Gesture('upload', manifest.subject);
}

/** Asks before chosen changes are written into the folder. */
export async function confirmApply(set: ChangeSet, question: Question): Promise<Gesture | undefined> {
  return await minted('apply', set.id, question, 'Apply');
}

/** Asks before the last apply is taken back. `overwrite`: files that changed since lose those later edits. */
export async function confirmUndo(
  set: string,
  question: Question,
  changedSince: number,
): Promise<{ gesture: Gesture; overwrite: boolean } | undefined> {
  const merge = changedSince === 0 ? 'Undo Apply' : 'Undo and Keep Later Edits';
  const buttons = changedSince === 0 ? [merge] : [merge, 'Undo and Overwrite Later Edits'];
  const pressed = await askModally(question, ...buttons);
  return pressed === undefined ? undefined : { gesture: new Gesture('undo', set), overwrite: pressed !== merge };
}

/** Asks before a port is opened to everybody on the internet. */
export async function confirmPublish(session: string, port: number, question: Question): Promise<Gesture | undefined> {
  return await minted('publish', `${session}:${port}`, question, 'Publish');
}

const hostButtons = ['Allow for This Session', 'Allow and Remember for This Folder'] as const;

/** Asks before a sandbox may reach hosts, and for how long. */
export async function confirmHosts(
  session: Session,
  rules: readonly HostRule[],
  question: Question,
): Promise<{ gesture: Gesture; lasts: Lasts } | undefined> {
  const pressed = await askModally(question, ...hostButtons);
  if (pressed === undefined) return undefined;
  const lasts = pressed === hostButtons[1] ? 'folder' : 'session';
  return { gesture: new Gesture('allow-host', hostsSubject(session.id, rules, lasts)), lasts };
}

/** The gesture that a person gave for all sessions of a folder. */
export function rememberedHosts(session: Session, rules: readonly HostRule[]): Gesture {
  return new Gesture('allow-host', hostsSubject(session.id, rules, 'folder'));
}

/** Asks before a computer that exists is taken over for a folder, given by its URI. */
export async function confirmAttach(
  computer: Foreign,
  folder: string,
  question: Question,
): Promise<Gesture | undefined> {
  return await minted('attach', attachSubject(computer, folder), question, 'Attach');
}

/** Asks before a computer is deleted. */
export async function confirmDeleteComputer(
  computer: Foreign,
  question: Question,
  button: string,
): Promise<Gesture | undefined> {
  return await minted('delete-computer', computerSubject(computer), question, button);
}

/** Asks before another sandbox is made in place of one that is gone. */
export async function confirmRefill(session: string, question: Question): Promise<Gesture | undefined> {
  return await minted('refill', session, question, 'Start New Sandbox');
}

/** Asks before all that is inside is replaced by a snapshot. */
export async function confirmGoBack(
  session: SessionId,
  to: Snapshot,
  question: Question,
): Promise<Gesture | undefined> {
  return await minted('go-back', goBackSubject(session, to), question, 'Go Back');
}

/** Asks before a session and its files are removed. */
export async function confirmDelete(session: string, question: Question): Promise<Gesture | undefined> {
  return await minted('delete-session', session, question, 'Delete Session');
}

/** Saying no to the upload, or cancelling it, takes back a session that holds nothing of anybody's yet. */
export function discardUnstarted(session: Session): Gesture | undefined {
  const isEmpty = session.changes() === undefined && session.transcript().every(({ kind }) => kind !== 'prompt');
  const { status } = session.summary();
  const neverRan = status === 'new' || status === 'failed' || isOver(status);
  return isEmpty && neverRan ? new Gesture('delete-session', session.id) : undefined;
}
