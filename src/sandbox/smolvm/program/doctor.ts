import type { z } from 'zod';
import { dataOf } from './call.ts';
import { oneLine } from './envelope.ts';
import type { Program } from './program.ts';
import { doctorShape } from './shapes.ts';

/** What the program's own doctor found, in its words. */
export interface Diagnosis {
  /** The backend that is taken where none is asked for. */
  readonly backend: string | undefined;
  /** Warnings and failures, the failures first, each with what mends it where the doctor knows. */
  readonly findings: readonly { readonly fails: boolean; readonly text: string; readonly fix?: string }[];
}

/** Asks the program's doctor. It looks at programs and versions: not whether KVM works, nor whether an image is there. */
export async function diagnose(
  program: Program,
  backend: string | undefined,
  signal?: AbortSignal,
): Promise<Diagnosis> {
  const args = backend === undefined || backend === 'auto' ? ['doctor'] : ['doctor', '--backend', backend];
  const reply = await program.ask(args, doctorShape, { signal });
  // A doctor that finds something fails, and tells no other error.
  const { checks, backend_resolved: resolved } =
    reply.kind === 'data' ? reply.data : dataOf<z.infer<typeof doctorShape>>(reply);
  const findings = checks
    .filter(({ status }) => status !== 'pass')
    .map(({ name, status, detail, fix }) => ({
      fails: status === 'fail',
      text: oneLine(detail === null || detail === undefined || detail === '' ? name : `${name}: ${detail}`),
      ...(fix === null || fix === undefined || fix === '' ? {} : { fix: oneLine(fix) }),
    }));
  return { backend: resolved ?? undefined, findings: findings.sort((a, b) => Number(b.fails) - Number(a.fails)) };
}
