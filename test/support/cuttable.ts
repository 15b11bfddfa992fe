import { Agent, buildConnector } from 'undici';

/** A dispatcher whose connections a test can cut, all at once and as often as it likes. */
export interface Cuttable {
  readonly agent: Agent;
  /** Answers how many there were. */
  cut(): number;
  /** How many were made so far. */
  made(): number;
}

export function cuttable(): Cuttable {
  const connect = buildConnector({});
  const open = new Set<{ destroy(): unknown }>();
  let made = 0;
  const agent = new Agent({
    connect: (options, callback) =>
      connect(options, (error, socket) => {
        if (socket === null) callback(error, null);
        else {
          made += 1;
          open.add(socket);
          socket.once('close', () => open.delete(socket));
          callback(null, socket);
        }
      }),
  });
  const cut = () => {
    const count = open.size;
    for (const socket of open) socket.destroy();
    return count;
  };
  return { agent, cut, made: () => made };
}
