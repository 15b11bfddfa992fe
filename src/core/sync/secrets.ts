import { secretContent } from './secretContent.ts';
import { secretName } from './secretNames.ts';
import type { HoldRule, SecretKind } from './types.ts';

export { scannedBytes, secretContent } from './secretContent.ts';
export { secretName, secretRulesVersion } from './secretNames.ts';

/** Why bytes must stay on this machine. */
export interface SecretFinding {
  readonly rule: Extract<HoldRule, 'secret-name' | 'secret-content'>;
  readonly secret: SecretKind;
}

/**
 * The scan that every byte inward passes, whatever carries it: the upload, later changes, an attached file. Text that
 * has no name, such as the output of a terminal, is judged by its content under an empty name.
 */
export function findSecret(path: string, bytes: Uint8Array): SecretFinding | undefined {
  const byName = path === '' ? undefined : secretName(path);
  if (byName !== undefined) return { rule: 'secret-name', secret: byName };
  const byContent = secretContent(path, bytes);
  return byContent === undefined ? undefined : { rule: 'secret-content', secret: byContent };
}
