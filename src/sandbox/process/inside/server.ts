import { createServer, type Server, type Socket } from 'node:net';
import { LineReader, protocolVersion, type Request } from '../wire.ts';
import { refuse, tell } from './client.ts';
import type { Commands } from './commands.ts';
import { watchPorts } from './ports.ts';
import type { NetworkRelay } from './network.ts';
import { relay } from './relay.ts';
import type { Terminals } from './terminals.ts';

/** What requests are handed to. */
export interface Services {
  readonly commands: Commands;
  readonly terminals: Terminals;
  readonly network: NetworkRelay;
}

/** The supervisor's front door: one request per connection, named by its first line. */
export function serve(services: Services): Server {
  services.commands.moreRoots = (butOf) => services.terminals.roots(butOf);
  services.terminals.others = (op) => services.commands.others(op);
  // A relayed connection may close one direction before the other; everywhere else an end means that the client left.
  return createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => client.destroy());
    const reader = new LineReader();
    const onData = (chunk: Uint8Array) => {
      try {
        const first = reader.push(chunk);
        if (first === undefined) return;
        client.off('data', onData);
        client.off('end', onEnd);
        // What follows belongs to whoever serves the request: nothing may be lost before they listen.
        client.pause();
        dispatch(JSON.parse(first.line) as Request, client, first.rest, services);
      } catch (error) {
        refuse(client, 'protocol', error instanceof Error ? error.message : 'bad request');
      }
    };
    const onEnd = () => client.destroy();
    client.on('data', onData);
    client.on('end', onEnd);
  });
}

function dispatch(request: Request, client: Socket, rest: Uint8Array, services: Services): void {
  const { commands, terminals, network } = services;
  if (request.v !== protocolVersion) {
    refuse(client, 'version', 'The supervisor speaks another version.');
    return;
  }
  const orRefuse = (error: unknown) => refuse(client, 'EIO', error instanceof Error ? error.message : String(error));
  switch (request.kind) {
    case 'ping':
      tell(client, { event: 'pong', v: protocolVersion });
      client.end();
      break;
    case 'exec':
      commands.start(request, client, rest).catch(orRefuse);
      break;
    case 'attach':
      commands.attach(request.op, client, rest);
      break;
    case 'terminal':
      terminals.open(request, client, rest).catch(orRefuse);
      break;
    case 'join':
      terminals.join(request.op, client, rest);
      break;
    case 'terminals':
      terminals.tellKept(client);
      break;
    case 'dial':
      relay(request.port, client, rest);
      break;
    case 'network':
      network.turnOn(client).catch(orRefuse);
      break;
    case 'way-out':
      network.offer(client);
      break;
    case 'listeners':
      watchPorts(client);
      break;
    default:
      refuse(client, 'unsupported', 'Unknown request.');
  }
}
