import type { ServerResponse } from 'node:http';
import { whyText, type Refusal } from '../../core/network/refusal.ts';
import type { Target } from '../../core/network/hostRule.ts';

/** Says to the program that asked, and to whoever reads its output, what happened and who could change it. */
function text(target: Target, why: Refusal): string {
  const where = target.port === 0 ? target.host : `${target.host}:${target.port}`;
  const hint = ['not-allowed', 'port'].includes(why) ? ' The user can allow it in the editor.' : '';
  return `The sandbox does not reach ${where}: ${whyText(why)}.${hint}\n`;
}

function statusOf(why: Refusal): { code: number; message: string } {
  if (why === 'malformed') return { code: 400, message: 'Bad Request' };
  if (why === 'unknown-host' || why === 'unreachable') return { code: 502, message: 'Bad Gateway' };
  return { code: 403, message: 'Forbidden by the Sandbox' };
}

export function answerRefusal(answer: ServerResponse, target: Target, why: Refusal): void {
  const { code, message } = statusOf(why);
  answer.writeHead(code, message, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  answer.end(text(target, why));
}

/** The same as bytes, where there is only a socket to answer on. */
export function refusalBytes(target: Target, why: Refusal): string {
  const { code, message } = statusOf(why);
  const body = text(target, why);
  const head = `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}`;
  return `HTTP/1.1 ${code} ${message}\r\n${head}\r\nConnection: close\r\n\r\n${body}`;
}
