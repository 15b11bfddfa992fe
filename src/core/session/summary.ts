import { sessionStatusShape, type SessionStatus, type SessionSummary } from '../../shared/view.ts';
import type { Provider } from '../sandbox.ts';
import type { SessionRecord } from './events.ts';

const storedTexts: Record<SessionStatus, string> = {
  new: 'Not started',
  starting: 'Starting sandbox',
  uploading: 'Copying files',
  idle: 'Ready',
  working: 'Working',
  paused: 'Paused',
  stopping: 'Stopping',
  stopped: 'Stopped',
  interrupted: 'Interrupted',
  failed: 'Failed',
  gone: 'Sandbox gone',
  ended: 'Ended',
};

/** What the tree and the panel show of a session. */
export function summaryOf(
  record: SessionRecord,
  provider: Pick<Provider, 'title' | 'isolation'> | undefined,
  status: { status: SessionStatus; text: string },
  changes: number,
  now: Pick<SessionSummary, 'network' | 'pause' | 'snapshots'> = {},
): SessionSummary {
  return {
    id: record.id,
    title: record.title,
    sandbox: provider?.title ?? record.provider,
    isolation: provider?.isolation ?? '',
    folder: folderName(record.root),
    status: status.status,
    statusText: status.text,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    changes,
    elsewhere: false,
    ...(record.attached === true ? { attached: true } : {}),
    ...(record.summary.bytes === undefined ? {} : { storedBytes: record.summary.bytes }),
    ...now,
  };
}

/** The summary of a session that no window has open, from the record alone. */
export function storedSummary(record: SessionRecord, provider: Provider | undefined): SessionSummary {
  const parsed = sessionStatusShape.safeParse(record.summary.status);
  const status = parsed.success ? parsed.data : 'idle';
  const shown = { status, text: storedTexts[status] };
  return summaryOf(record, provider, shown, record.summary.changes, status === 'paused' ? { pause: 'is' } : {});
}

function folderName(root: string): string {
  const last = root.replace(/\/+$/, '').split('/').at(-1) ?? root;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
