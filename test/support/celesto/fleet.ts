import { isDeepStrictEqual } from 'node:util';
import { freshName } from './catalogue.ts';
import { Computer, type CreateRequest, type World } from './computer.ts';
import { codedRefusal, Refusal, refusal } from './refusals.ts';

/** Who asks. */
export interface Caller {
  readonly organization: string;
  readonly scopes: readonly string[];
}

/** What comes with a create beside its body. */
export interface CreateHeaders {
  readonly idempotencyKey: string | undefined;
  readonly origin: string;
}

/** All computers of a double. */
export class Fleet {
  readonly #world: World;
  readonly #all: Computer[] = [];
  readonly #byKey = new Map<string, { readonly request: CreateRequest; readonly made: Promise<Computer> }>();
  /** Creates of one organization wait for each other. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The computers that are not deleted, newest first. */
  alive(organization?: string): readonly Computer[] {
    const own = this.#all.filter(
      ({ identity }) => organization === undefined || identity.organization === organization,
    );
    return own.filter(({ status }) => status !== 'deleted').reverse();
  }

  /** Finds a caller's computer by id or name. Throws the service's 404. */
  find(caller: Caller, reference: string): Computer {
    const own = this.#all.filter(({ identity }) => identity.organization === caller.organization);
    const byName = () => own.find(({ identity, status }) => identity.name === reference && status !== 'deleted');
    const found = own.find(({ id }) => id === reference) ?? byName();
    if (found === undefined || (found.status === 'deleted' && !this.#world.knobs.showDeleted)) {
      throw refusal(404, 'Computer not found');
    }
    return found;
  }

  /** Makes a computer; the same idempotency key makes it once. */
  create(caller: Caller, request: CreateRequest, headers: CreateHeaders): Promise<Computer> {
    const key = headers.idempotencyKey === undefined ? undefined : `${caller.organization} ${headers.idempotencyKey}`;
    const before = key === undefined ? undefined : this.#byKey.get(key);
    if (before !== undefined) {
      if (!isDeepStrictEqual(before.request, request)) {
        throw refusal(409, 'This Idempotency-Key was used with another request');
      }
      return before.made;
    }
    const made = this.#inTurn(caller, () => this.#make(caller, request, headers));
    if (key !== undefined) {
      this.#byKey.set(key, { request, made });
      // What was refused was not made: the key is free again.
      made.catch((error: unknown) => error instanceof Refusal && this.#byKey.delete(key));
    }
    return made;
  }

  /** Removes every computer. Throws where one cannot be removed. */
  async clear(): Promise<void> {
    await Promise.all(
      this.alive().map(async (computer) => {
        if (computer.status !== 'deleting') await computer.delete();
        await computer.settled();
      }),
    );
  }

  #inTurn(caller: Caller, work: () => Promise<Computer>): Promise<Computer> {
    const before = this.#turns.get(caller.organization) ?? Promise.resolve();
    const made = before.catch(() => undefined).then(work);
    this.#turns.set(caller.organization, made);
    return made;
  }

  async #make(caller: Caller, request: CreateRequest, { origin }: CreateHeaders): Promise<Computer> {
    const { knobs } = this.#world;
    if (knobs.createRefusal !== undefined) throw codedRefusal(knobs.createRefusal);
    this.mayRun(caller);
    const taken = (name: string) => this.alive().some(({ identity }) => identity.name === name);
    const { organization } = caller;
    const computer = new Computer(this.#world, request, { name: freshName(taken), organization, origin });
    this.#all.push(computer);
    const ready = computer.provision();
    if (!knobs.asyncCreate) await ready;
    return computer;
  }

  /** Throws the service's 429 where no more computers may run. */
  mayRun({ organization }: Caller): void {
    const { runningLimit } = this.#world.knobs;
    if (this.alive(organization).filter(({ counts }) => counts).length < runningLimit) return;
    throw codedRefusal('concurrency_limit_reached', { running_limit: runningLimit });
  }
}
