import type { ToPanel } from '../shared/protocol.ts';
import type { PanelState, TranscriptItem } from '../shared/view.ts';
import { utf8Length } from './text/format.ts';

/** All of the state but what has its own messages. */
export type Status = Omit<PanelState, 'transcript' | 'draft'>;

/** One item of the transcript, with what a view needs to draw only what is new. */
export interface Entry {
  readonly index: number;
  item: TranscriptItem;
  /** Rises when the output of a command was replaced instead of added to. */
  epoch: number;
  /** Characters of output that were added since `epoch` began. */
  fed: number;
  /** Bytes of all output so far, the omitted ones included. */
  bytes: number;
}

/** What a message changed. */
export type Change =
  | { readonly kind: 'reset'; readonly draft: string }
  | { readonly kind: 'status'; readonly draft?: string }
  | { readonly kind: 'entries'; readonly changed: readonly Entry[]; readonly added: readonly Entry[] }
  | { readonly kind: 'focus' };

/** Output kept per command, in characters; the front goes first. */
const outputKept = { most: 300_000, least: 150_000 };

/** The page's copy of the panel's state. */
export class Store {
  status: Status | undefined;
  readonly entries: Entry[] = [];
  private readonly byId = new Map<string, Entry>();

  /** Takes in a message and says what changed by it. */
  receive(message: ToPanel): Change[] {
    switch (message.type) {
      case 'state':
        return this.takeState(message.state);
      case 'status':
        this.status = message.state;
        return [{ kind: 'status' }];
      case 'items':
        return [this.takeItems(message.items)];
      case 'text-delta':
        return this.addText(message.id, message.text);
      case 'output-delta':
        return this.addOutput(message.id, message.text);
      case 'focus-prompt':
        return [{ kind: 'focus' }];
    }
  }

  private takeState(state: PanelState): Change[] {
    const { transcript, draft, ...status } = state;
    const goesOn = this.goesOn(state);
    this.status = status;
    if (goesOn) return [{ kind: 'status', draft }, this.takeItems(transcript)];
    this.entries.length = 0;
    this.byId.clear();
    this.takeItems(transcript);
    return [{ kind: 'reset', draft }];
  }

  /** True where a full state repeats what is here already, as it does each time the panel is shown again. */
  private goesOn({ transcript, session }: PanelState): boolean {
    if (this.status === undefined || this.status.session?.id !== session?.id) return false;
    if (transcript.length === 0) return this.entries.length === 0;
    return transcript.every(({ id }, index) => this.entries[index] === undefined || this.entries[index].item.id === id);
  }

  private takeItems(items: readonly TranscriptItem[]): Change & { kind: 'entries' } {
    const changed: Entry[] = [];
    const added: Entry[] = [];
    for (const item of items) {
      const entry = this.byId.get(item.id);
      if (entry === undefined) added.push(this.add(item));
      else if (replace(entry, item)) changed.push(entry);
    }
    return { kind: 'entries', changed, added };
  }

  private add(item: TranscriptItem): Entry {
    const entry: Entry = { index: this.entries.length, item: { ...item }, epoch: 0, fed: 0, bytes: 0 };
    if (item.kind === 'command') begin(entry, item);
    this.entries.push(entry);
    this.byId.set(item.id, entry);
    return entry;
  }

  private addText(id: string, text: string): Change[] {
    const entry = this.byId.get(id);
    if (entry?.item.kind !== 'message' || text === '') return [];
    entry.item.text += text;
    return [{ kind: 'entries', changed: [entry], added: [] }];
  }

  private addOutput(id: string, text: string): Change[] {
    const entry = this.byId.get(id);
    if (entry?.item.kind !== 'command' || text === '') return [];
    addOutput(entry, entry.item, text);
    return [{ kind: 'entries', changed: [entry], added: [] }];
  }
}

type Command = TranscriptItem & { kind: 'command' };

function begin(entry: Entry, item: Command): void {
  entry.fed = item.output.length;
  entry.bytes = item.omittedBytes + utf8Length(item.output);
}

function addOutput(entry: Entry, item: Command, text: string): void {
  item.output += text;
  entry.fed += text.length;
  entry.bytes += utf8Length(text);
  if (item.output.length <= outputKept.most) return;
  const cut = item.output.indexOf('\n', item.output.length - outputKept.least) + 1;
  item.output = item.output.slice(cut > 0 ? cut : -outputKept.least);
}

/** Takes the new form of an item; false where nothing differs. */
function replace(entry: Entry, item: TranscriptItem): boolean {
  const old = entry.item;
  if (JSON.stringify(old) === JSON.stringify(item)) return false;
  entry.item = { ...item };
  if (old.kind !== 'command' || item.kind !== 'command') return true;
  const bytes = item.omittedBytes + utf8Length(item.output);
  if (bytes === entry.bytes && old.output.endsWith(item.output.slice(-1000))) {
    // The same output, perhaps with another cut at its front: what is drawn stays.
    entry.item = { ...item, output: old.output };
  } else if (item.omittedBytes === old.omittedBytes && item.output.startsWith(old.output)) {
    entry.fed += item.output.length - old.output.length;
    entry.bytes = bytes;
  } else {
    entry.epoch++;
    begin(entry, item);
  }
  return true;
}
