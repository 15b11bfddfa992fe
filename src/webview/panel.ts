import type { ToPanel } from '../shared/protocol.ts';
import { Announcer } from './announcer.ts';
import { Bars } from './bars.ts';
import { keptDraft, type EditorApi, type Post } from './border.ts';
import { Composer } from './composer.ts';
import { button, el, show } from './element.ts';
import { Empty } from './empty.ts';
import { Frames } from './frames.ts';
import { Header } from './header.ts';
import { followLinks } from './link.ts';
import { Store, type Change } from './store.ts';
import { Ticker } from './ticker.ts';
import { Transcript } from './transcript/transcript.ts';
import type { Context } from './transcript/view.ts';

/** Puts the parts of the page together and hands each change to those that show it. */
export class Panel {
  readonly element: HTMLElement;
  private readonly store = new Store();
  private readonly frames = new Frames();
  private readonly announcer = new Announcer();
  private readonly header: Header;
  private readonly transcript: Transcript;
  private readonly empty: Empty;
  private readonly bars: Bars;
  private readonly composer: Composer;
  private readonly jump: HTMLButtonElement;

  constructor(editor: EditorApi) {
    const post: Post = (message) => editor.postMessage(message);
    const context: Context = {
      post,
      frames: this.frames,
      ticker: new Ticker(),
      opened: new Map(),
      announce: (text) => this.announcer.say(text),
    };
    this.header = new Header(post);
    this.composer = new Composer({
      post,
      keep: (kept) => editor.setState(kept),
      draft: keptDraft(editor.getState()) ?? '',
      onSend: () => this.transcript.toEnd(),
    });
    this.empty = new Empty(context, (prompt) => this.fill(prompt));
    this.jump = button({ label: 'Jump to latest', icon: 'arrow-down', onClick: () => this.jumpToEnd() });
    this.jump.classList.add('jump');
    this.transcript = new Transcript(context, this.empty.element, (stuck) => show(this.jump, !stuck));
    this.bars = new Bars(context);
    const middle = el('main', 'middle', this.transcript.element, this.jump);
    const parts = [this.header.element, middle, this.bars.element, this.composer.element, this.announcer.element];
    this.element = el('div', 'panel', ...parts);
    this.element.hidden = true;
    show(this.jump, false);
    followLinks(this.transcript.element, post);
  }

  /** Takes a message of the extension. */
  receive(message: ToPanel): void {
    for (const change of this.store.receive(message)) this.take(change);
  }

  private take(change: Change): void {
    if (change.kind === 'focus') this.composer.focus();
    if (change.kind === 'reset') this.transcript.reset(this.store.entries);
    if (change.kind === 'entries') {
      this.transcript.add(change.added);
      this.transcript.update(change.changed);
      if (!this.element.hidden) this.announcer.tell(change.added);
    }
    if ('draft' in change) this.composer.offer(change.draft ?? '');
    this.frames.once(this.drawStatus);
  }

  private readonly drawStatus = (): void => {
    const { status, entries } = this.store;
    if (status === undefined) return;
    const isEmpty = entries.length === 0;
    this.header.update(status);
    this.empty.update(status, isEmpty);
    this.bars.update(status, isEmpty);
    this.composer.update(status);
    this.announcer.update(status);
    show(this.element, true);
  };

  private fill(prompt: string): void {
    this.composer.fill(prompt);
    this.composer.focus();
  }

  private jumpToEnd(): void {
    this.transcript.toEnd();
    this.composer.focus();
  }
}
