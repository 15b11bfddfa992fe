import type { SessionStatus } from '../shared/view.ts';
import type { Post } from './border.ts';
import { button, el, icon, setText, show } from './element.ts';
import type { Status } from './store.ts';
import { visibleLine } from '../shared/visible.ts';

/** How each status is said: always an icon and a word. */
const looks: Readonly<Record<SessionStatus, { readonly icon: string; readonly word: string; readonly tone: string }>> =
  {
    new: { icon: 'circle-large-outline', word: 'New', tone: 'calm' },
    starting: { icon: 'loading', word: 'Starting', tone: 'busy' },
    uploading: { icon: 'loading', word: 'Copying in', tone: 'busy' },
    idle: { icon: 'pass', word: 'Ready', tone: 'calm' },
    working: { icon: 'loading', word: 'Working', tone: 'busy' },
    paused: { icon: 'debug-pause', word: 'Paused', tone: 'calm' },
    stopping: { icon: 'loading', word: 'Stopping', tone: 'busy' },
    stopped: { icon: 'debug-stop', word: 'Stopped', tone: 'calm' },
    interrupted: { icon: 'warning', word: 'Interrupted', tone: 'unsure' },
    failed: { icon: 'error', word: 'Failed', tone: 'bad' },
    gone: { icon: 'error', word: 'Sandbox gone', tone: 'bad' },
    ended: { icon: 'circle-slash', word: 'Ended', tone: 'calm' },
  };

/** What is always in sight: which session, how it is, what separates it from this machine, who the model is. */
export class Header {
  readonly element: HTMLElement;
  private readonly title = el('h1', 'title');
  private readonly state = el('span', 'state');
  private readonly sandbox: HTMLButtonElement;
  private readonly model: HTMLButtonElement;
  private readonly network = el('span', 'network-words');
  private readonly reach = el('span', 'network', icon('globe'), this.network);

  constructor(post: Post) {
    const start = button({
      label: 'New session',
      icon: 'add',
      look: 'icon',
      onClick: () => post({ type: 'new-session' }),
    });
    this.sandbox = chip('shield', () => post({ type: 'choose-sandbox' }));
    this.model = chip('sparkle', () => post({ type: 'choose-model' }));
    const row = el('div', 'header-row', this.title, this.state, start);
    this.element = el('header', 'header', row, el('div', 'chips', this.sandbox, this.reach, this.model));
  }

  update({ session, sandbox, model }: Status): void {
    setText(this.title, session === undefined ? 'New session' : visibleLine(session.title));
    this.title.title = session === undefined ? '' : `${visibleLine(session.title)}\n${visibleLine(session.folder)}`;
    show(this.state, session !== undefined);
    if (session !== undefined) this.say(session.status, session.statusText);
    const place = session === undefined ? sandbox : { title: session.sandbox, isolation: session.isolation };
    // Before anybody looked, and where there is nothing to look for, the place has no name.
    show(this.sandbox, place.title !== '');
    const next = session === undefined ? 'Choose where it runs.' : 'Choose where the next session runs.';
    name(this.sandbox, [visibleLine(place.title)], `Sandbox: ${place.title}. ${place.isolation} ${next}`);
    show(this.reach, session?.network !== undefined);
    setText(this.network, session?.network === undefined ? '' : visibleLine(session.network));
    const words = [visibleLine(model.name), visibleLine(model.host)];
    name(this.model, words, `Model ${model.name}, asked at ${model.host}. Choose another model.`);
  }

  /** What failed is said as everywhere else: a turn, a start, or the sandbox itself. */
  private say(status: SessionStatus, text: string): void {
    const look = looks[status];
    const word = status === 'failed' ? visibleLine(text) : look.word;
    if (this.state.dataset['status'] === status && this.state.textContent === word) return;
    this.state.dataset['status'] = status;
    this.state.className = `state ${look.tone}`;
    this.state.replaceChildren(icon(look.icon), el('span', '', word));
  }
}

function chip(symbol: string, onClick: () => void): HTMLButtonElement {
  return button({ label: '', icon: symbol, look: 'plain', onClick });
}

function name(chip: HTMLButtonElement, words: readonly string[], title: string): void {
  const [first = '', second] = words;
  const parts = [el('span', 'chip-main', first), second === undefined ? undefined : el('span', 'chip-more', second)];
  const label = chip.querySelector('.button-label');
  if (chip.title === visibleLine(title)) return;
  chip.title = visibleLine(title);
  chip.setAttribute('aria-label', chip.title);
  label?.replaceChildren(...parts.filter((part) => part !== undefined));
}
