import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What lies between a caller and the double. */
export interface Distance {
  /** Milliseconds that a byte and its answer are under way together. */
  readonly rttMs: number;
  /** Bits per second each way, for all connections together; 0: as fast as this machine is. */
  readonly bitsPerSecond: number;
}

/** A server on loopback. */
export interface Listening {
  readonly port: number;
  /** Drops every connection and stops listening. */
  close(): Promise<void>;
}

/** Bytes that crossed, headers and frames included. */
export interface Traffic {
  /** From callers. */
  received: number;
  /** To callers. */
  sent: number;
}

/** Bytes of one connection that may be under way; past it the sender is held back. */
const mostUnderWay = 4 * 1024 * 1024;

/**
 * The way to the double: every byte of every connection, whatever its protocol, takes half a round trip and its share
 * of the line. Making a connection costs nothing.
 */
export class Network {
  readonly #ended: Traffic = { received: 0, sent: 0 };
  readonly #open = new Set<Socket>();
  readonly #distance: Distance;
  readonly #up: Line;
  readonly #down: Line;

  constructor(distance: Distance) {
    this.#distance = distance;
    this.#up = new Line(distance.bitsPerSecond);
    this.#down = new Line(distance.bitsPerSecond);
  }

  /** Lets `server` listen on a free port of 127.0.0.1, or on `port`. */
  async open(server: Server, port = 0): Promise<Listening> {
    const { rttMs, bitsPerSecond } = this.#distance;
    if (rttMs === 0 && bitsPerSecond === 0) {
      server.on('connection', (socket) => this.#count(socket));
      return listen(server, port);
    }
    const inner = await listen(server, 0);
    const front = createServer({ allowHalfOpen: true, noDelay: true }, (outside) => {
      this.#count(outside);
      const inside = connect({ host: '127.0.0.1', port: inner.port, allowHalfOpen: true, noDelay: true });
      carry(outside, inside, this.#up, rttMs / 2);
      carry(inside, outside, this.#down, rttMs / 2);
    });
    const outer = await listen(front, port);
    return {
      port: outer.port,
      close: async () => {
        await outer.close();
        await inner.close();
      },
    };
  }

  /** Lets so many more bytes of callers pass on a slowed line, and none after them. */
  stall(bytes: number): void {
    this.#up.allow(bytes);
  }

  /** Lets go on what was stalled. */
  goOn(): void {
    this.#up.allow(Infinity);
  }

  /** What crossed so far. */
  traffic(): Traffic {
    const sum = { ...this.#ended };
    for (const socket of this.#open) add(sum, socket);
    return sum;
  }

  #count(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      add(this.#ended, socket);
    });
  }
}

function add(sum: Traffic, { bytesRead, bytesWritten }: Socket): void {
  sum.received += bytesRead;
  sum.sent += bytesWritten;
}

/** One direction of the line, which all connections share. */
class Line {
  readonly #bitsPerSecond: number;
  #freeAt = 0;
  #allowed = Infinity;
  readonly #stalled = new Set<() => void>();

  constructor(bitsPerSecond: number) {
    this.#bitsPerSecond = bitsPerSecond;
  }

  /** Lets so many more bytes pass. */
  allow(bytes: number): void {
    this.#allowed = bytes;
    const stalled = [...this.#stalled];
    this.#stalled.clear();
    for (const goOn of stalled) goOn();
  }

  /** Whether so many bytes may pass now; where they may not, `goOn` is called when it is worth to ask again. */
  lets(bytes: number, goOn: () => void): boolean {
    if (bytes > this.#allowed) {
      this.#stalled.add(goOn);
      return false;
    }
    this.#allowed -= bytes;
    return true;
  }

  /** When the last of so many bytes has left. */
  send(bytes: number): number {
    const now = performance.now();
    if (this.#bitsPerSecond === 0) return now;
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes * 8000) / this.#bitsPerSecond;
    return this.#freeAt;
  }
}

/** Carries one direction of a connection, in order, each piece when its time has come. */
function carry(from: Socket, to: Socket, line: Line, delayMs: number): void {
  const underWay: { readonly due: number; readonly bytes: Buffer | undefined }[] = [];
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  const deliver = () => {
    clearTimeout(timer);
    timer = undefined;
    while (underWay[0] !== undefined && underWay[0].due <= performance.now()) {
      if (!line.lets(underWay[0].bytes?.length ?? 0, deliver)) return;
      const bytes = underWay.shift()?.bytes;
      if (bytes === undefined) to.end();
      else to.write(bytes);
      waiting -= bytes?.length ?? 0;
    }
    if (waiting < mostUnderWay && !to.writableNeedDrain) from.resume();
    schedule();
  };
  const schedule = () => {
    const next = underWay[0];
    if (next !== undefined) timer ??= setTimeout(deliver, Math.max(0, next.due - performance.now()));
  };
  const put = (bytes: Buffer | undefined) => {
    underWay.push({ due: line.send(bytes?.length ?? 0) + delayMs, bytes });
    waiting += bytes?.length ?? 0;
    if (waiting >= mostUnderWay || to.writableNeedDrain) from.pause();
    schedule();
  };
  to.on('drain', () => {
    if (waiting < mostUnderWay) from.resume();
  });
  from.on('data', put);
  from.on('end', () => put(undefined));
  from.on('error', () => to.destroy());
  from.on('close', () => {
    if (!from.readableEnded) to.destroy();
  });
  to.on('close', () => clearTimeout(timer));
}

async function listen(server: Server, port: number): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen({ host: '127.0.0.1', port, exclusive: true });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
