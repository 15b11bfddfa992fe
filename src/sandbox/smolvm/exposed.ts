import { problemOf } from '../../core/problem.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import { openRawForward } from '../forward/index.ts';

type Listener = Awaited<ReturnType<typeof openRawForward>>;

/**
 * The ports that the settings want at the same ports of this machine's loopback, for as long as somebody holds the
 * microVM. They are listened on here and not by the program's own forward, which dies with each stop, reaches no service
 * of the guest's loopback, and answers well also where another program has the port.
 */
export class ExposedPorts {
  readonly #sandbox: Pick<Sandbox, 'dial'>;
  readonly #log: (line: string) => void;
  #listeners: Listener[] = [];

  constructor(sandbox: Pick<Sandbox, 'dial'>, log: (line: string) => void) {
    this.#sandbox = sandbox;
    this.#log = log;
  }

  /** Never throws: where one cannot be had, all else can, and the log says why. */
  async open(ports: readonly number[]): Promise<void> {
    for (const port of ports) {
      try {
        this.#listeners.push(await openRawForward(this.#sandbox, { port, localPort: port }));
        this.#log(`port ${port} inside is reached at 127.0.0.1:${port}`);
      } catch (error) {
        this.#log(`port ${port} inside is not exposed: ${problemOf(error, 'service-failed').detail}`);
      }
    }
  }

  async close(): Promise<void> {
    const listeners = this.#listeners;
    this.#listeners = [];
    await Promise.all(listeners.map((listener) => listener.close()));
  }
}
