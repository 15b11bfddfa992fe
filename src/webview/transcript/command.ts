import { button, el, icon, setText, show } from '../element.ts';
import type { Entry } from '../store.ts';
import { duration } from '../text/format.ts';
import { visibleCode, visibleLine } from '../../shared/visible.ts';
import { copyButton } from './copy.ts';
import { disclosure, type Disclosure } from './disclosure.ts';
import { Output } from './output.ts';
import type { Context, ItemView } from './view.ts';

type Command = Entry['item'] & { kind: 'command' };

const longestCommand = 20_000;

interface Look {
  readonly icon: string;
  readonly word: string;
  readonly tone: 'busy' | 'good' | 'bad' | 'unsure';
}

/** How a command's state is said: always an icon and words. */
export function lookOf(item: Command): Look {
  if (item.state === 'running') return { icon: 'loading', word: 'Running', tone: 'busy' };
  if (item.state === 'background') return { icon: 'server-process', word: 'Running in background', tone: 'busy' };
  if (item.state === 'unknown') {
    return { icon: 'question', word: item.outcome ?? 'Outcome unknown, it may still run', tone: 'unsure' };
  }
  return item.ok === true
    ? { icon: 'pass', word: item.outcome ?? 'Succeeded', tone: 'good' }
    : { icon: 'error', word: item.outcome ?? 'Failed', tone: 'bad' };
}

/** One command: what ran, where, what it said, how it ended. */
export class CommandView implements ItemView {
  readonly element: HTMLElement;
  private readonly context: Context;
  private readonly command = el('code', 'command-text');
  private readonly cwd = el('span', 'cwd');
  private readonly state = el('span', 'state');
  private readonly time = el('span', 'time');
  private readonly output = new Output();
  private readonly watch: HTMLButtonElement;
  private readonly part: Disclosure;
  private item: Command | undefined;
  private entry: Entry | undefined;

  constructor(context: Context) {
    this.context = context;
    const copyOutput = copyButton(context, 'Copy output', () => this.output.text());
    const body = el('div', 'card-body', this.output.element, copyOutput);
    this.part = disclosure([this.command], body, (open) => {
      if (this.item !== undefined) context.opened.set(this.item.id, open);
      this.drawOutput();
    });
    const copyCommand = copyButton(context, 'Copy command', () => this.item?.command ?? '');
    this.watch = button({
      label: 'Watch in terminal',
      icon: 'eye',
      look: 'icon',
      onClick: () => {
        if (this.item !== undefined) context.post({ type: 'watch-command', id: this.item.id });
      },
    });
    const head = el('div', 'card-head', this.part.toggle, this.watch, copyCommand);
    const facts = el('div', 'facts', this.state, this.time, this.cwd);
    this.element = el('article', 'item card command', head, facts, body);
  }

  update(entry: Entry): void {
    const { item } = entry;
    if (item.kind !== 'command') return;
    this.item = item;
    this.entry = entry;
    setText(this.command, shownCommand(item.command));
    setText(this.cwd, visibleLine(item.cwd));
    this.cwd.title = `Working folder: ${visibleLine(item.cwd)}`;
    this.say(item);
    this.open(item);
    this.drawOutput();
  }

  dispose(): void {
    this.context.ticker.remove(this.tick);
  }

  /** Output that nobody sees is not drawn: most cards of a long transcript are closed. */
  private drawOutput(): void {
    if (this.entry !== undefined && this.part.isOpen()) this.output.update(this.entry);
  }

  private say(item: Command): void {
    const look = lookOf(item);
    const key = `${look.tone} ${look.word}`;
    if (this.state.dataset['look'] !== key) {
      this.state.dataset['look'] = key;
      this.state.className = `state ${look.tone}`;
      this.state.replaceChildren(icon(look.icon), el('span', '', visibleLine(look.word)));
    }
    show(this.watch, look.tone === 'busy');
    this.tick();
    if (item.endedAt === undefined && look.tone === 'busy') this.context.ticker.add(this.tick);
    else this.context.ticker.remove(this.tick);
  }

  private readonly tick = (): void => {
    if (this.item === undefined) return;
    const { startedAt, endedAt, state } = this.item;
    const isKnown = endedAt !== undefined || state !== 'unknown';
    setText(this.time, isKnown ? duration((endedAt ?? Date.now()) - startedAt) : '');
  };

  /** Open while it runs or where it failed; a command that the person saw running stays as it was. */
  private open(item: Command): void {
    const { opened } = this.context;
    const wanted = opened.get(item.id) ?? !(item.state === 'ended' && item.ok === true);
    if (item.state !== 'ended' && wanted) opened.set(item.id, true);
    if (this.part.isOpen() !== wanted) this.part.set(wanted);
  }
}

function shownCommand(command: string): string {
  const left = command.length - longestCommand;
  const shown = visibleCode(command.slice(0, longestCommand));
  return left > 0 ? `${shown}\n… ${left.toLocaleString('en')} more characters` : shown;
}
