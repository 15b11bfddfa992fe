import { EventEmitter } from 'vscode';
import { TerminalFilter } from '../../core/terminal/filter.ts';
import { DrawnFlow } from './drawn.ts';

/** Switches off what a program that was cut off may have switched on: mouse, paste marks, keypad, colours. */
const calm = '\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1004l\u001b[?2004l\u001b[?1l\u001b>\u001b[?25h\u001b[0m';
const leaveFullScreen = '\u001b[?1049l';
const dim = '\u001b[2m';
const plain = '\u001b[0m';

/** The editor's side of a terminal: takes hostile bytes, shows what may be shown, no faster than it is drawn. */
export class Screen {
  readonly #write = new EventEmitter<string>();
  readonly #name = new EventEmitter<string>();
  readonly #flow = new DrawnFlow((text) => this.#write.fire(text));
  readonly #who: string;
  readonly #ownName: string;
  #shownName: string;
  #filter = new TerminalFilter();
  #isClosed = false;
  readonly onDidWrite = this.#write.event;
  readonly onDidChangeName = this.#name.event;

  /** `who` begins each sentence that is ours; `name` always begins the name of the tab. */
  constructor(who: string, name: string) {
    this.#who = who;
    this.#ownName = name;
    this.#shownName = name;
  }

  /** Shows output until it ends. `bare`: it comes from no terminal, so its lines end by a line feed alone. */
  async show(output: AsyncIterable<Uint8Array>, bare = false): Promise<void> {
    const filter = new TerminalFilter();
    this.#filter = filter;
    for await (const bytes of output) {
      if (this.#isClosed) return;
      await this.#put(filter.push(bytes), bare);
      this.#call(filter.title);
    }
    await this.#put(filter.end(), bare);
  }

  /** True where input is no person's; see {@link DrawnFlow.takes}. */
  takes(input: string): boolean {
    return this.#flow.takes(input);
  }

  /** A sentence of ours, on a line of its own. */
  say(sentence: string): void {
    this.#write.fire(`\r\n${dim}${this.#who}: ${sentence}${plain}\r\n`);
  }

  /** The program is over: the screen is an ordinary one again, and the name ours alone. */
  rest(): void {
    // Only then: elsewhere it would put the cursor back to where it once was.
    if (this.#filter.isFullScreen) this.#write.fire(leaveFullScreen);
    this.#write.fire(calm);
    this.#call('');
  }

  close(): void {
    this.#isClosed = true;
    this.#write.dispose();
    this.#name.dispose();
  }

  async #put(text: string, bare: boolean): Promise<void> {
    await this.#flow.write(bare ? text.replace(/(?<!\r)\n/g, '\r\n') : text);
  }

  #call(title: string | undefined): void {
    if (title === undefined) return;
    const name = title === '' ? this.#ownName : `${this.#ownName} · ${title}`;
    if (name === this.#shownName) return;
    this.#shownName = name;
    this.#name.fire(name);
  }
}
