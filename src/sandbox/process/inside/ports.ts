import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Event } from '../wire.ts';
import { tell } from './client.ts';

const everyMs = 1000;
const listening = '0A';
const mostPorts = 256;

type Ports = Extract<Event, { event: 'listeners' }>['list'];

/** Tells `client` which ports are listened on, at once and at each change, for as long as it stays. */
export function watchPorts(client: Socket): void {
  let last = '';
  const look = () => {
    const sockets = listeningSockets();
    // What we listen on ourselves is no program of the sandbox.
    for (const own of socketsOf('self')) sockets.delete(own);
    const key = [...sockets.keys()].sort().join();
    if (key === last) return;
    last = key;
    tell(client, { event: 'listeners', list: named(sockets) });
  };
  last = 'nothing yet';
  look();
  const timer = setInterval(look, everyMs);
  client.on('close', () => clearInterval(timer));
  client.on('end', () => client.end());
  client.resume();
}

/** Sockets in the listening state, by inode. The supervisor's own are no program's. */
function listeningSockets(): Map<string, { port: number; address: string }> {
  const found = new Map<string, { port: number; address: string }>();
  const own = new Set(socketsOf('self'));
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const row of lines(table).slice(1)) {
      const fields = row.trim().split(/\s+/);
      const [local, state, inode] = [fields[1], fields[3], fields[9]];
      if (state !== listening || local === undefined || inode === undefined || own.has(inode)) continue;
      if (found.size >= mostPorts) break;
      const [hex = '', port = ''] = local.split(':');
      found.set(inode, { port: Number.parseInt(port, 16), address: readAddress(hex) });
    }
  }
  return found;
}

/** Kernel tables print addresses as words in this machine's byte order. */
function readAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  if (bytes.subarray(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1';
  if (bytes.subarray(0, 12).toString('hex') === '00000000000000000000ffff') return bytes.subarray(12).join('.');
  return Array.from({ length: 8 }, (_, word) => bytes.readUInt16BE(word * 2).toString(16)).join(':');
}

function named(sockets: ReadonlyMap<string, { port: number; address: string }>): Ports {
  const programs = programsByInode(new Set(sockets.keys()));
  return [...sockets].map(([inode, socket]) => {
    const program = programs.get(inode);
    return program === undefined ? socket : { ...socket, program };
  });
}

function programsByInode(wanted: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  if (wanted.size === 0) return found;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const inode of socketsOf(pid)) {
      if (wanted.has(inode) && !found.has(inode)) found.set(inode, (lines(`/proc/${pid}/comm`)[0] ?? '').slice(0, 64));
    }
  }
  return found;
}

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
        return inode === undefined ? [] : [inode];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

function lines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
