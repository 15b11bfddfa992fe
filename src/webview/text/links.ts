import { visibleLine } from '../../shared/visible.ts';

/** Where a link of the model's text leads: out to the web, or to a file of the workspace. */
export type Target = { readonly kind: 'web'; readonly href: string } | { readonly kind: 'file'; readonly path: string };

const longestHref = 4_000;
const longestPath = 4_096;

/** Only `http`, `https` and relative paths are links; every other scheme stays text. */
export function parseTarget(href: string): Target | undefined {
  const text = href.trim();
  if (/^https?:\/\//i.test(text)) return webTarget(text);
  return filePath(text);
}

function webTarget(href: string): Target | undefined {
  if (!URL.canParse(href)) return undefined;
  const url = new URL(href);
  const isPlain = url.username === '' && url.password === '' && url.hostname !== '';
  return isPlain && url.href.length <= longestHref ? { kind: 'web', href: url.href } : undefined;
}

/** A relative path without its `#L10` or `:10:2`, such as `src/a.ts`. */
function filePath(text: string): Target | undefined {
  const withoutPlace = text.replace(/[#?].*$/su, '').replace(/(?::\d+){1,2}$/, '');
  const path = decoded(withoutPlace)?.replace(/^(?:\.\/)+/, '');
  if (path === undefined || path === '' || path.length > longestPath) return undefined;
  const isRelative = !/^[/\\]|^[a-z][a-z0-9+.-]*:|[\u0000-\u001f\u007f\\:]/i.test(path); // eslint-disable-line no-control-regex
  return isRelative && !path.split('/').includes('..') ? { kind: 'file', path } : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The whole target, as a tooltip shows it. */
export function titleOf(target: Target): string {
  return target.kind === 'web' ? target.href : `Open ${visibleLine(target.path)}`;
}

/**
 * The true host, where the words of a link look like an address of another one; such a link must not pass for what it
 * says.
 */
export function hostInDisguise(words: string, target: Target): string | undefined {
  if (target.kind !== 'web') return undefined;
  const claimed = /^\s*(?:https?:\/\/)?((?:[\p{L}\p{N}-]+\.)+\p{L}{2,}|localhost|[\d.]{7,15})(?=[:/?#\s]|$)/iu.exec(
    words,
  )?.[1];
  const host = new URL(target.href).hostname;
  if (claimed === undefined || sameHost(claimed, host)) return undefined;
  return host;
}

function sameHost(claimed: string, host: string): boolean {
  if (!URL.canParse(`http://${claimed}`)) return false;
  const bare = (name: string): string => name.replace(/^www\./, '');
  return bare(new URL(`http://${claimed}`).hostname) === bare(host);
}
