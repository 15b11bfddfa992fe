import type { Socket } from 'node:net';
import type { Pipe } from '../../core/sandbox.ts';
import { SocketBytes } from '../common/socketBytes.ts';
import type { Access } from './access.ts';
import { headBytes, parseRequest, parseResponse, type RequestHead, type ResponseHead } from './head.ts';
import { Incoming } from './incoming.ts';
import { answerBytes, refusalPage, type Answer } from './pages.ts';
import { relay, send, whileHeld } from './relay.ts';
import { inwardFields, outwardFields } from './rewrite.ts';

/** What all connections of one listener share. */
export interface Listening {
  readonly access: Access;
  readonly port: number;
  /** A connection inside; undefined where nothing listens. */
  dial(gone: AbortSignal): Promise<Pipe | undefined>;
}

/** The sandbox's end of a connection. `answer` reads ahead, so that a server that hangs up is noticed at once. */
interface Guest {
  readonly pipe: Pipe;
  readonly incoming: Incoming;
  answer: Promise<string | undefined>;
}

/** How long a client may take, after our last word, to hang up. */
const lingerMs = 2000;

/** One client's connection: its requests one after the other, each looked at before anything of it goes inside. */
export class WebConnection {
  readonly #socket: Socket;
  readonly #listening: Listening;
  readonly #gone: AbortSignal;
  readonly #client: Incoming;
  #asked: Promise<string | undefined>;
  #exchanges = 0;

  constructor(socket: Socket, listening: Listening, gone: AbortSignal) {
    this.#socket = socket;
    this.#listening = listening;
    this.#gone = gone;
    this.#client = new Incoming(new SocketBytes(socket));
    this.#asked = ahead(this.#client);
  }

  /** Resolves when nothing more is to be said. Rejects where the connection broke and is to be reset. */
  async serve(): Promise<void> {
    const first = await this.#next();
    if (first === undefined) return;
    const pipe = await this.#listening.dial(this.#gone);
    if (pipe === undefined) {
      this.#end(refusalPage('nothing-listens'));
      return;
    }
    await whileHeld(pipe, this.#gone, async () => {
      const incoming = new Incoming(pipe.read);
      const guest: Guest = { pipe, incoming, answer: ahead(incoming) };
      let request: RequestHead | undefined = first;
      while (request !== undefined && (await this.#exchange(request, guest))) {
        const hungUp = guest.answer.then((answer) => answer === undefined);
        const isOver = await Promise.race([hungUp, this.#asked.then(() => false)]);
        if (isOver) this.#end();
        request = isOver ? undefined : await this.#next();
      }
    });
  }

  /** The next request that may go in; undefined where the client has no more, or was refused. */
  async #next(): Promise<RequestHead | undefined> {
    const text = await this.#asked;
    if (text === undefined) {
      this.#end();
      return undefined;
    }
    const request = parseRequest(text);
    const refusal = request === undefined ? refusalPage('bad-request') : this.#listening.access.answerTo(request);
    if (refusal === undefined) return request;
    this.#end(refusal);
    return undefined;
  }

  /** One request and its answer. False where nothing may follow on this connection. */
  async #exchange(request: RequestHead, guest: Guest): Promise<boolean> {
    const sending = this.#ask(request, guest);
    // A question that breaks off has no answer: neither side may go on waiting.
    sending.catch(() => this.#socket.resetAndDestroy());
    this.#exchanges += 1;
    for (;;) {
      const text = await guest.answer.catch(() => '');
      const answer = text === undefined ? undefined : parseResponse(text, request.method);
      if (answer === undefined) {
        // On a connection that was used before, a server may just have hung up: clients know to ask again.
        if (text === undefined && this.#exchanges > 1) throw new Error('The server hung up.');
        this.#end(refusalPage('no-answer'));
        return false;
      }
      await this.#tell(answer, guest);
      if (answer.status === 101) {
        if (!request.upgrade) throw new Error('The server changed the protocol unasked.');
        await this.#join(guest);
        return false;
      }
      if (answer.status >= 200 && (answer.close || request.close)) {
        this.#end();
        return false;
      }
      guest.answer = ahead(guest.incoming);
      if (answer.status >= 200) break;
    }
    await sending;
    if (request.upgrade) this.#readAhead(guest);
    return true;
  }

  async #ask(request: RequestHead, guest: Guest): Promise<void> {
    const { method, target, version, framing, upgrade } = request;
    const head = headBytes(`${method} ${target} ${version}`, inwardFields(request, this.#listening.port));
    await this.#client.pass(head, framing, (bytes) => guest.pipe.write(bytes));
    // What follows an upgrade need not be a request.
    if (!upgrade) this.#readAhead(guest);
  }

  /** Begins to read the next request; that a client has no more to ask is told inside at once. */
  #readAhead(guest: Guest): void {
    this.#asked = ahead(this.#client);
    const tell = async () => {
      if ((await this.#asked) === undefined) await guest.pipe.end();
    };
    tell().catch(() => undefined);
  }

  async #tell(answer: ResponseHead, guest: Guest): Promise<void> {
    const head = headBytes(answer.start, outwardFields(answer, this.#listening.port));
    await guest.incoming.pass(head, answer.framing, (bytes) => send(this.#socket, bytes, this.#gone));
  }

  /** From now on bytes of another protocol, unlooked at. */
  async #join({ pipe, incoming }: Guest): Promise<void> {
    const inside = { read: incoming.rest(), write: pipe.write.bind(pipe), end: pipe.end.bind(pipe) };
    await relay({ socket: this.#socket, read: this.#client.rest() }, inside, this.#gone);
  }

  /** The last that is said here: an answer of ours, or nothing. */
  #end(answer?: Answer): void {
    if (answer === undefined) this.#socket.end();
    else this.#socket.end(answerBytes(answer));
    this.#socket.setTimeout(lingerMs, () => this.#socket.destroy());
  }
}

/** Begins to read a head. Whoever waits for it hears of a failure; until then it is no unhandled one. */
function ahead(incoming: Incoming): Promise<string | undefined> {
  const head = incoming.head();
  head.catch(() => undefined);
  return head;
}
