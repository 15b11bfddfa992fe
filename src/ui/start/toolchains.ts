import type { Provider, ToolchainOffer } from '../../core/sandbox.ts';
import { askModally } from '../dialogs.ts';
import { valueOf, withCancel } from '../progress.ts';
import type { Taste } from '../taste.ts';

/**
 * The tool chains that a folder's sandbox may read: asked about once, by name, in one question; asked again only when
 * there are new ones. Undefined: cancelled.
 */
export async function agreedToolchains(
  provider: Provider,
  folder: string,
  taste: Taste,
): Promise<readonly ToolchainOffer[] | undefined> {
  const found = valueOf(await withCancel('Looking for tools', (_say, signal) => provider.toolchains(signal)));
  if (found === undefined) return undefined;
  const known = taste.toolchains(folder) ?? { offered: [], agreed: [] };
  const fresh = found.filter((offer) => !known.offered.includes(offer.folder));
  const answer = fresh.length === 0 ? known : await ask(fresh, known);
  if (answer === undefined) return undefined;
  if (answer !== known) await taste.setToolchains(folder, answer);
  return found.filter((offer) => answer.agreed.includes(offer.folder));
}

type Answer = NonNullable<ReturnType<Taste['toolchains']>>;

async function ask(fresh: readonly ToolchainOffer[], known: Answer): Promise<Answer | undefined> {
  const [yes, no] = ['Let It Read Them', 'Start Without Them'] as const;
  const pressed = await askModally(
    {
      message: `Let the sandbox read these tools? ${[...new Set(fresh.map(({ name }) => name))].join(', ')}`,
      detail: [
        'The agent can then run them inside. It cannot change them.',
        [...new Set(fresh.map(({ name, folder }) => `• ${name}: ${folder}`))].join('\n'),
      ].join('\n\n'),
    },
    yes,
    no,
  );
  if (pressed === undefined) return undefined;
  const folders = fresh.map(({ folder }) => folder);
  return {
    offered: [...known.offered, ...folders],
    agreed: pressed === yes ? [...known.agreed, ...folders] : known.agreed,
  };
}
