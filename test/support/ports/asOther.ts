import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

/** A user that no test runs as. */
const otherUser = 64_123;

const program = `
const { connect } = require('node:net');
const [port, text] = process.argv.slice(1);
const socket = connect({ host: '127.0.0.1', port: Number(port) });
let got = '';
socket.on('connect', () => socket.write(text));
socket.on('data', (bytes) => (got += bytes.toString('latin1')));
socket.on('error', () => undefined);
socket.on('close', () => console.log(JSON.stringify({ uid: process.getuid(), got })));
socket.setTimeout(10000, () => socket.destroy());
`;

const shape = z.object({ uid: z.number(), got: z.string() });

/**
 * Sends a text to a port of this machine and gives what comes back until the connection closes: as this user, or as
 * another one, which only the superuser can.
 */
export async function sendAs(who: 'self' | 'other', port: number, text: string): Promise<z.infer<typeof shape>> {
  const user = who === 'self' ? {} : { uid: otherUser, gid: otherUser };
  const args = ['-e', program, String(port), text];
  const { stdout } = await promisify(execFile)(process.execPath, args, { ...user, cwd: '/', env: {} });
  return shape.parse(JSON.parse(stdout));
}
