import type { Change } from '../../core/sync/types.ts';
import { groupOf } from '../changes/model.ts';

/**
 * Languages in which a file names its own schema, which their language services fetch from wherever it lies: VS Code's
 * JSON and its kin, YAML (`# yaml-language-server: $schema=`), TOML (`#:schema`) and XML (`xsi:schemaLocation`).
 */
const namesSchema = new RegExp(
  [
    String.raw`\.(?:json|jsonc|jsonl|json5|jsonld|geojson|har|webmanifest|map|ipynb|code-\w+|ya?ml|toml|xml|xsd|xsl|xslt|svg|wsdl|rng|dtd|plist|xaml|resx|storyboard|xib)$`,
    String.raw`(?:^|/)\.[^/.]+rc$`,
    String.raw`(?:^|/)composer\.lock$`,
  ].join('|'),
  'i',
);

/** Shown as plain text, whatever its name says: what it says must not make this machine fetch or run anything. */
export function isPlain(change: Change): boolean {
  const group = groupOf(change);
  return group === 'quarantine' || group === 'blocked' || namesSchema.test(change.path);
}
