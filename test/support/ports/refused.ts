import { connect } from 'node:net';

/** Whether nothing listens on a port of this machine's 127.0.0.1; undefined where something does. */
export function isRefused(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => resolve(true));
    socket.on('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
