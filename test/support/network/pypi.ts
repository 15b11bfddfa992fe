import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { Certificate } from './certificate.ts';
import { wheelOf } from './wheel.ts';

/** What `pip install` asks for: the simple index (PEP 503) and, on a host of its own, the files. */
export function pypi(
  filesOrigin: string,
  certificate: Certificate,
  one: { readonly name: string; readonly version: string; readonly source: string },
): { index: Server; files: Server } {
  const { file, bytes } = wheelOf(one.name, one.version, one.source);
  const digest = createHash('sha256').update(bytes).digest('hex');
  const page = `<!DOCTYPE html><html><body><a href="${filesOrigin}/${file}#sha256=${digest}">${file}</a></body></html>`;
  const serve = (path: string, type: string, body: string | Buffer) =>
    createServer(certificate, (asked, answer) => {
      answer.writeHead(asked.url === path ? 200 : 404, { 'content-type': type });
      answer.end(asked.url === path ? body : '');
    });
  return {
    index: serve(`/simple/${one.name.replaceAll('_', '-')}/`, 'text/html', page),
    files: serve(`/${file}`, 'application/octet-stream', bytes),
  };
}
