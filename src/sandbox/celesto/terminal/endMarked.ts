import { guestPath } from '../../../core/paths.ts';
import type { Exec, ExecRequest } from '../../../core/sandbox.ts';
import { mintId } from '../../../shared/ids.ts';

/** How long our program may take, in milliseconds: another one may have stopped it. As long again it may stay silent. */
const endsWithinMs = 20_000;

/** Ends every process that carries the mark. True once our program inside saw that none is left. Never throws. */
export async function endMarked(
  exec: (request: ExecRequest) => Exec,
  relay: readonly string[],
  mark: string,
): Promise<boolean> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), 2 * endsWithinMs);
  try {
    const { output, outcome } = exec({
      op: mintId('op'),
      run: { argv: [...relay, 'dead', mark] },
      cwd: guestPath('/'),
      onLinkLoss: 'keep',
      deadlineMs: endsWithinMs,
      signal: silent.signal,
    });
    let said = '';
    for await (const { bytes } of output) said = (said + Buffer.from(bytes).toString('latin1')).slice(-200);
    return (await outcome).kind === 'exited' && said.includes('.dead');
  } finally {
    clearTimeout(timer);
  }
}
