import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';

/**
 * Whether a connection over loopback was made by a process of this user, or of the superuser, who could do as much
 * without it. Linux tells by its tables of connections; elsewhere nothing does, and the answer is yes: there tokens and
 * host names alone keep others out.
 */
export async function isOwnPeer(socket: Socket): Promise<boolean> {
  const own = process.getuid?.();
  if (process.platform !== 'linux' || own === undefined) return true;
  const [from, to] = [endpoint(socket.remotePort), endpoint(socket.localPort)];
  const uid = uidIn(await tables.read(), from, to);
  return uid === own || uid === 0;
}

const littleEndian = endianness() === 'LE';
/** Addresses are printed as words in this machine's byte order. */
const loopback = littleEndian ? '0100007F' : '7F000001';
const mapped = littleEndian ? '0000000000000000FFFF0000' : '00000000000000000000FFFF';

function endpoint(port = 0): string {
  return `${loopback}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The user at the other end: the owner of the row that is ours with its ends exchanged. */
function uidIn(rows: string, from: string, to: string): number | undefined {
  for (const ends of [` ${from} ${to} `, ` ${mapped}${from} ${mapped}${to} `]) {
    const at = rows.indexOf(ends);
    if (at < 0) continue;
    const [, , , , uid, , inode] = rows.slice(at + ends.length, at + ends.length + 200).split(/ +/);
    // A connection that nobody holds any more belongs to nobody, though the table says user 0.
    if (uid !== undefined && inode !== '0') return Number(uid);
  }
  return undefined;
}

/** Reading the tables takes the kernel milliseconds, so connections that come meanwhile wait for the one next reading. */
class Tables {
  #reading: Promise<string> | undefined;
  #next: Promise<string> | undefined;

  read(): Promise<string> {
    if (this.#reading === undefined) return this.#begin();
    this.#next ??= this.#reading.then(() => this.#begin());
    return this.#next;
  }

  #begin(): Promise<string> {
    this.#next = undefined;
    const reading = Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(textOf)).then((texts) => texts.join(''));
    this.#reading = reading;
    void reading.then(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    return reading;
  }
}

const tables = new Tables();

async function textOf(path: string): Promise<string> {
  return await readFile(path, 'latin1').catch(() => '');
}
