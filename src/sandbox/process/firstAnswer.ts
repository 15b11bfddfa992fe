import type { Socket } from 'node:net';
import { z } from 'zod';
import { frame } from './wire.ts';

const headerBytes = 5;
const mostAnswer = 4096;
const answerSchema = z.object({ event: z.string(), message: z.string().optional() });

/** Reads exactly one frame of a supervisor and leaves what follows in the stream. Undefined: it hung up. */
export function firstAnswer(socket: Socket): Promise<z.infer<typeof answerSchema> | undefined> {
  return new Promise((resolve) => {
    const finish = (answer?: z.infer<typeof answerSchema>) => {
      socket.off('readable', look);
      socket.off('close', onClose);
      resolve(answer);
    };
    const onClose = () => finish();
    let length: number | undefined;
    const look = () => {
      if (length === undefined) {
        const header = socket.read(headerBytes) as Buffer | null;
        if (header === null) return;
        length = header.readUInt32BE(1);
        if (header.readUInt8(0) !== frame.event || length > mostAnswer || length === 0) return void socket.destroy();
      }
      const body = socket.read(length) as Buffer | null;
      if (body === null) return;
      try {
        finish(answerSchema.parse(JSON.parse(body.toString())));
      } catch {
        socket.destroy();
      }
    };
    socket.on('readable', look);
    socket.on('close', onClose);
  });
}
