import { problem, type FixId, type Problem } from '../../core/problem.ts';

/** Says by its name which setting of a kind of sandbox is wrong, and why. */
export function wrongSetting(
  provider: string,
  issue: { readonly path: PropertyKey[]; readonly message: string } | undefined,
  fix?: FixId,
): Problem {
  const name = `airlock.${provider}.${issue?.path.map(String).join('.') ?? ''}`;
  const detail = `The setting ${name} is wrong: ${issue?.message ?? 'not understood'}.`;
  return problem('bad-input', detail, fix === undefined ? {} : { fix });
}
