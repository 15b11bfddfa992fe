import { problem, type Problem } from '../../core/problem.ts';
import type { Program, ProgramName } from './program/index.ts';

/**
 * Why the program that is here cannot be asked about a microVM that `made` has made; undefined where it can. The two
 * names of the program know nothing of each other's microVMs, so that one's "not found" says nothing of the other's.
 */
export async function ofAnother(program: Program, made: ProgramName): Promise<Problem | undefined> {
  const finding = await program.find();
  if (finding.kind === 'none') return finding.problem;
  if (finding.found.name === made) return undefined;
  const detail = `This microVM was made by ${made}, and ${finding.found.name} knows nothing of it: set airlock.smolvm.path to ${made}.`;
  return problem('sandbox-unavailable', detail, { fix: 'open-settings' });
}
