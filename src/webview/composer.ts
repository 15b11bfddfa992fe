import type { Kept, Post } from './border.ts';
import { button, el, freshId, icon, setText, show } from './element.ts';
import type { Status } from './store.ts';
import { visibleLine } from '../shared/visible.ts';

const longestPrompt = 200_000;

/** Time after the last key until the draft is told to the extension, in milliseconds. */
const draftDelay = 400;

export interface ComposerOptions {
  readonly post: Post;
  readonly keep: (kept: Kept) => void;
  readonly draft: string;
  /** Called after a prompt was sent. */
  readonly onSend: () => void;
}

/** The prompt box with Send and Stop. Esc does nothing here: a run ends by its button only. */
export class Composer {
  readonly element: HTMLElement;
  private readonly options: ComposerOptions;
  private readonly box = el('textarea', 'prompt-box');
  private readonly reason = el('div', 'reason');
  private readonly activity = el('div', 'activity');
  private readonly activityText = el('span', 'activity-text');
  private readonly send: HTMLButtonElement;
  private readonly stop: HTMLButtonElement;
  private canSend = false;
  private session: string | undefined;
  private timer: number | undefined;

  constructor(options: ComposerOptions) {
    this.options = options;
    this.send = button({
      label: 'Send',
      icon: 'send',
      look: 'icon',
      title: 'Send (Enter)',
      onClick: () => this.submit(),
    });
    this.stop = button({ label: 'Stop', icon: 'debug-stop', onClick: () => options.post({ type: 'stop' }) });
    this.stop.title = 'Stop the agent and its command';
    this.activity.append(icon('loading'), this.activityText, this.stop);
    this.prepareBox(options.draft);
    const row = el('div', 'box', this.box, this.send);
    this.element = el('section', 'composer', this.activity, row, this.reason);
    this.element.setAttribute('aria-label', 'Prompt');
  }

  update(status: Status): void {
    const { session, blocked } = status;
    this.canSend = status.canSend;
    this.session = session?.id;
    this.box.disabled = blocked !== undefined;
    this.box.placeholder = placeholderOf(status);
    this.box.title = visibleLine(blocked?.text ?? '');
    show(this.activity, status.canStop || isBegun(session));
    show(this.stop, status.canStop);
    setText(this.activityText, visibleLine(session?.statusText ?? ''));
    const reason = reasonOf(status);
    setText(this.reason, reason);
    show(this.reason, reason !== '');
    this.refresh();
  }

  /** Takes the extension's draft where nothing was written here: what a person wrote is never overwritten. */
  offer(draft: string): void {
    if (this.box.value === '' && draft !== '') this.fill(draft);
  }

  /** Puts words into the box for the person to change and send. */
  fill(text: string): void {
    this.box.value = text;
    this.changed();
  }

  focus(): void {
    this.box.focus();
  }

  private prepareBox(draft: string): void {
    this.box.rows = 1;
    this.box.value = draft;
    this.box.maxLength = longestPrompt;
    this.box.setAttribute('aria-label', 'Prompt');
    this.reason.id = freshId();
    this.box.setAttribute('aria-describedby', this.reason.id);
    this.box.addEventListener('input', () => this.changed());
    this.box.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
      event.preventDefault();
      this.submit();
    });
  }

  private submit(): void {
    const prompt = this.box.value;
    if (!this.canSend || prompt.trim() === '') return;
    this.options.post({ type: 'send', prompt, session: this.session });
    this.box.value = '';
    this.changed();
    this.tellDraft();
    this.options.onSend();
  }

  private changed(): void {
    this.options.keep({ draft: this.box.value });
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.tellDraft(), draftDelay);
    this.refresh();
  }

  private tellDraft(): void {
    window.clearTimeout(this.timer);
    this.options.post({ type: 'draft', text: this.box.value });
  }

  private refresh(): void {
    this.send.disabled = !this.canSend || this.box.value.trim() === '';
  }
}

/** Enter that ends the writing of a character with an input method is not Enter for us. */
function isComposing(event: KeyboardEvent): boolean {
  // WebKit ends the composition before this event and leaves only the old code of input methods, 229.
  return event.isComposing || event.keyCode === 229; // eslint-disable-line @typescript-eslint/no-deprecated
}

/** Its sandbox is on the way, which is said where the agent's own doings are. */
function isBegun(session: Status['session']): boolean {
  return session?.status === 'starting' || session?.status === 'uploading';
}

function placeholderOf({ session, canStop }: Status): string {
  if (canStop) return 'Write what comes next';
  return session === undefined ? 'What should the agent do?' : 'Ask for more';
}

/** Why nothing can be sent now, in a sentence; empty where it can, or where the page says it elsewhere already. */
function reasonOf({ session, canSend, canStop, blocked }: Status): string {
  if (canSend || blocked !== undefined || isBegun(session)) return '';
  if (canStop) return 'You can send when the agent is done.';
  return session?.status === 'stopping' ? visibleLine(session.statusText) : 'Your prompt waits to be sent.';
}
