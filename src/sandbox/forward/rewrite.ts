import { cookieName, withoutToken } from './access.ts';
import { valuesOf, type Field, type RequestHead, type ResponseHead } from './head.ts';

/**
 * The fields of a request as a browser inside would have sent them: to `localhost` and the port itself, which every
 * server expects, whatever name the listener has here.
 */
export function inwardFields({ fields }: RequestHead, port: number): Field[] {
  const here = (valuesOf(fields, 'host')[0] ?? '').toLowerCase();
  const inside = `http://localhost:${port}`;
  return withoutToken(fields)
    .filter(({ key }) => !tellsOfTheWay(key))
    .map((field) => {
      if (field.key === 'host') return { ...field, value: `localhost:${port}` };
      const isAddress = field.key === 'origin' || field.key === 'referer';
      return isAddress ? { ...field, value: moved(field.value, here, inside) } : field;
    });
}

/** Fields by which reverse proxies say where a request came from: inside they would contradict the host. */
function tellsOfTheWay(key: string): boolean {
  return key === 'forwarded' || key.startsWith('x-forwarded-') || key === 'x-real-ip';
}

function moved(address: string, here: string, inside: string): string {
  const [, host, rest = ''] = /^https?:\/\/([^/?#]+)(.*)$/i.exec(address) ?? [];
  return host?.toLowerCase() === here ? `${inside}${rest}` : address;
}

/**
 * The fields of an answer as they fit here: redirects stay at the name that the browser knows, and cookies belong to
 * that name alone, so that no session can set one for another or for the editor.
 */
export function outwardFields({ fields }: ResponseHead, port: number): Field[] {
  return fields.flatMap((field): Field[] => {
    if (field.key === 'location') return [{ ...field, value: here(field.value, port) }];
    if (field.key !== 'set-cookie') return [field];
    if (field.value.trimStart().startsWith(`${cookieName}=`)) return [];
    return [{ ...field, value: field.value.replace(/;\s*domain\s*=[^;]*/gi, '') }];
  });
}

function here(address: string, port: number): string {
  const [, inside, rest = ''] = /^http:\/\/((?:localhost|127\.0\.0\.1|\[::1\]):[0-9]+)([/?#].*)?$/i.exec(address) ?? [];
  if (inside?.endsWith(`:${port}`) !== true) return address;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
