import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { Certificate } from './certificate.ts';

/** A package with one version, by its files. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

/** What `npm install` asks a registry for: documents of packages and their archives. */
export async function npmRegistry(
  origin: string,
  certificate: Certificate,
  list: readonly NpmPackage[],
): Promise<Server> {
  const answers = new Map<string, Buffer>();
  for (const one of list) {
    const archive = await archiveOf(one);
    const path = `/${one.name}/-/${one.name}-${one.version}.tgz`;
    answers.set(path, archive);
    answers.set(`/${one.name}`, Buffer.from(JSON.stringify(documentOf(one, `${origin}${path}`, archive))));
  }
  return createServer(certificate, (asked, answer) => {
    const found = answers.get(asked.url ?? '');
    answer.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    answer.end(found ?? '{"error":"not found"}');
  });
}

function manifestOf({ name, version, dependencies }: NpmPackage) {
  return { name, version, main: 'index.js', dependencies: dependencies ?? {} };
}

function documentOf(one: NpmPackage, tarball: string, archive: Buffer) {
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  const shasum = createHash('sha1').update(archive).digest('hex');
  const version = { ...manifestOf(one), dist: { tarball, integrity, shasum } };
  return { name: one.name, 'dist-tags': { latest: one.version }, versions: { [one.version]: version } };
}

async function archiveOf(one: NpmPackage): Promise<Buffer> {
  const tar = pack();
  const files = { 'package.json': JSON.stringify(manifestOf(one)), ...one.files };
  for (const [path, text] of Object.entries(files)) tar.entry({ name: `package/${path}` }, text);
  tar.finalize();
  return gzipSync(await buffer(tar));
}
