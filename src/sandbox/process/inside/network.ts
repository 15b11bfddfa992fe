import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { refuse, tell } from './client.ts';
import { addToEnvironment } from './environment.ts';
import { proxyVariables } from './proxyVariables.ts';
import { join } from './relay.ts';

const usualPort = 3128;
/** Programs that wait for a way out at once; who comes later is turned away. */
const mostWaiting = 256;

/**
 * The inner end of the way out: a listener on loopback for programs here, whose connections are handed to whoever waits
 * outside. It knows no rule and opens nothing: without somebody outside who holds it on and takes connections there is
 * no listener and no network.
 */
export class NetworkRelay {
  readonly #holders = new Set<Socket>();
  readonly #takers = new Set<Socket>();
  readonly #programs = new Set<Socket>();
  #server: Server | undefined;

  /** Listens for programs while `holder` stays. */
  async turnOn(holder: Socket): Promise<void> {
    this.#holders.add(holder);
    const leave = () => {
      holder.destroy();
      if (this.#holders.delete(holder) && this.#holders.size === 0) this.#turnOff();
    };
    holder.once('end', leave);
    holder.once('close', leave);
    holder.resume();
    const server = (this.#server ??= createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }));
    if (!server.listening) await this.#listen(server);
    tell(holder, { event: 'started' });
  }

  /** Keeps `taker` until a program wants out. */
  offer(taker: Socket): void {
    if (this.#server === undefined) {
      refuse(taker, 'network-off', 'The network is off.');
      return;
    }
    this.#takers.add(taker);
    taker.once('close', () => this.#takers.delete(taker));
    this.#pair();
  }

  async #listen(server: Server): Promise<void> {
    server.on('connection', (program) => this.#asks(program));
    server.listen({ host: '127.0.0.1', port: usualPort });
    // A program of the project may have taken that port.
    await once(server, 'listening').catch(async () => {
      server.listen({ host: '127.0.0.1', port: 0 });
      await once(server, 'listening');
    });
    addToEnvironment(proxyVariables((server.address() as AddressInfo).port));
  }

  #asks(program: Socket): void {
    program.on('error', () => program.destroy());
    if (this.#programs.size >= mostWaiting) {
      program.destroy();
      return;
    }
    this.#programs.add(program);
    program.once('close', () => this.#programs.delete(program));
    this.#pair();
  }

  #pair(): void {
    for (const program of this.#programs) {
      const [taker] = this.#takers;
      if (taker === undefined) return;
      this.#takers.delete(taker);
      this.#programs.delete(program);
      tell(taker, { event: 'connected' });
      join(taker, program);
    }
  }

  #turnOff(): void {
    addToEnvironment({});
    this.#server?.close();
    this.#server = undefined;
    for (const socket of [...this.#takers, ...this.#programs]) socket.destroy();
  }
}
