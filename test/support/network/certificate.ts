import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureProgram } from '../commands/system.mjs';

/** A certificate that signs itself, with its key, both in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate for these names, valid for two days. */
export async function certificateFor(...names: readonly string[]): Promise<Certificate> {
  const openssl = await ensureProgram('openssl');
  if (openssl === undefined) throw new Error('openssl is missing.');
  const folder = mkdtempSync(join(tmpdir(), 'airlock-certificate-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const alternatives = `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`;
    const subject = ['-subj', '/CN=Airlock tests', '-addext', alternatives, '-keyout', key, '-out', cert];
    execFileSync(openssl, [...kind, ...subject], { stdio: ['ignore', 'ignore', 'pipe'] });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
