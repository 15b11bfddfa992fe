import { field, headBytes, type Field } from './head.ts';

/** An answer of our own. */
export interface Answer {
  readonly status: string;
  readonly fields: readonly Field[];
  readonly text: string;
}

const sentences = {
  'other-host': ['421 Misdirected Request', 'This address is not one of this listener.'],
  'unknown-browser': ['403 Forbidden', 'This port belongs to a sandbox session. Open it from the Ports view.'],
  'used-address': [
    '403 Forbidden',
    'This address has been used or is too old. Open the port again from the Ports view.',
  ],
  'foreign-page': ['403 Forbidden', 'Pages of other sites may not use this port.'],
  'bad-request': ['400 Bad Request', 'This request can be understood in more than one way.'],
  'nothing-listens': ['502 Bad Gateway', 'Nothing listens on this port in the sandbox now.'],
  'no-answer': ['502 Bad Gateway', 'The program on this port in the sandbox does not answer in HTTP.'],
} as const;

/** Why a request gets no answer of the sandbox, in one sentence. */
export function refusalPage(why: keyof typeof sentences): Answer {
  const [status, sentence] = sentences[why];
  return { status, fields: [field('Content-Type', 'text/plain; charset=utf-8')], text: `${sentence}\n` };
}

/**
 * Leads a browser on to `path`. By a page and not by a redirect: a browser that was sent here by another site's page
 * would leave the cookie out along redirects. Two slashes at its start would lead to another site.
 */
export function openingPage(path: string, cookie?: string): Answer {
  const target = `/${path.replace(/^\/+/, '')}`.replace(/[^\w/.~:@!$()*+,;=?%-]/g, (char) => encodeURIComponent(char));
  const fields: Field[] = [
    field('Content-Type', 'text/html; charset=utf-8'),
    field('Content-Security-Policy', "default-src 'none'"),
    field('Referrer-Policy', 'no-referrer'),
  ];
  if (cookie !== undefined) fields.push(field('Set-Cookie', cookie));
  const refresh = `<meta http-equiv="refresh" content="0;url=${target}">`;
  return { status: '200 OK', fields, text: `<!doctype html><meta charset="utf-8">${refresh}<title>Sandbox</title>\n` };
}

/** An answer as bytes; it is the last one of its connection. */
export function answerBytes({ status, fields, text }: Answer): Buffer {
  const body = Buffer.from(text);
  const length = field('Content-Length', String(body.length));
  const rest = [length, field('Cache-Control', 'no-store'), field('Connection', 'close')];
  return Buffer.concat([headBytes(`HTTP/1.1 ${status}`, [...fields, ...rest]), body]);
}
