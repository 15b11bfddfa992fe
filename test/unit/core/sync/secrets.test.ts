import assert from 'node:assert/strict';
import { findSecret, secretContent, secretName } from '../../../../src/core/sync/secrets.ts';
import { bytesOf } from './support/memory.ts';

const letters = (count: number) => 'Ab3dEf7h'.repeat(10).slice(0, count);

describe('secret names', () => {
  const secret = [
    '.env',
    '.env.local',
    'app/.env.production',
    '.ENV',
    'prod.env',
    '.envrc',
    'id_rsa',
    '.ssh/id_ed25519',
    'deploy/id_ecdsa_sk',
    'server.pem',
    'tls/server.KEY',
    'a.p12',
    'release.keystore',
    '.netrc',
    '_netrc',
    '.htpasswd',
    '.git-credentials',
    '.pypirc',
    '.aws/credentials',
    'home/.aws/config',
    '.kube/config',
    'kubeconfig',
    'prod.kubeconfig',
    'credentials.json',
    'credentials',
    'client_secret_123.json',
    'my-service-account.json',
    'firebase-adminsdk-x.json',
    'secrets.yaml',
    'terraform.tfstate',
    'terraform.tfstate.backup',
    'prod.tfvars',
    '.docker/config.json',
    '.ssh/config',
    'e\u200bnv/.e\u200bnv',
    '.vault-token',
  ];
  for (const path of secret)
    it(`holds back ${JSON.stringify(path)}`, () => assert.notEqual(secretName(path), undefined));

  const harmless = [
    '.env.example',
    '.env.sample',
    '.env.template',
    '.env.local.example',
    'example.env',
    'src/env.ts',
    'environment.ts',
    'id_rsa.pub',
    '.ssh/known_hosts',
    'src/credentials.ts',
    'secrets.ts',
    'package.json',
    'keyboard.md',
    'docs/aws/readme.md',
    'monkey',
    'README',
    '.npmrc',
    '.env/bin/python',
    'credentials.example.json',
  ];
  for (const path of harmless) it(`lets ${path} pass`, () => assert.equal(secretName(path), undefined));
});

describe('secret content', () => {
  const key = (kind: string) => `-----BEGIN ${kind}-----\n${letters(64)}\n-----END`;
  const found: readonly (readonly [string, string, string])[] = [
    ['a private key', key('PRIVATE KEY'), 'private-key'],
    ['an RSA key inside code', `const k = "-----BEGIN RSA PRIVATE KEY-----\\n${letters(40)}"`, 'private-key'],
    ['an OpenSSH key', key('OPENSSH PRIVATE KEY'), 'private-key'],
    [
      'an encrypted key with headers',
      `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${letters(64)}`,
      'private-key',
    ],
    ['a PGP key', key('PGP PRIVATE KEY BLOCK'), 'private-key'],
    ['an AWS key id', `id=AKIA${'Q'.repeat(16)}`, 'token'],
    ['a GitHub token', `ghp_${letters(36)}`, 'token'],
    ['a Slack token', 'xoxb-123456789012-abcdefghijkl', 'token'],
    ['a model key', `OPENAI=sk-proj-${letters(48)}`, 'token'],
    ['an npm token', `npm_${letters(36)}`, 'token'],
    ['a service account', `{"private_key_id": "${'a1'.repeat(20)}"}`, 'credentials'],
  ];
  for (const [name, text, kind] of found) {
    it(`finds ${name}`, () => assert.equal(secretContent('notes.txt', bytesOf(text)), kind));
  }

  it('finds a token in UTF-16', () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`ghp_${letters(36)}`, 'utf16le')]);
    assert.equal(secretContent('a.txt', bytes), 'token');
  });

  it('finds a token far into a file', () => {
    assert.equal(secretContent('a.txt', bytesOf(`${'x'.repeat(200_000)} ghp_${letters(36)}`)), 'token');
  });

  const passing = [
    'if (text.startsWith("-----BEGIN PRIVATE KEY-----")) parse(text);',
    'AKIAIOSFODNN7EXAMPLE',
    'the ghp_ prefix marks a token',
    'class="sk-folding-cube"',
    '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n',
  ];
  for (const text of passing)
    it(`lets pass: ${text.slice(0, 40)}`, () => assert.equal(findSecret('a.md', bytesOf(text)), undefined));

  it('holds back a settings file with a login and lets one without it pass', () => {
    assert.equal(secretContent('.npmrc', bytesOf('//registry.example/:_authToken=abcdef123\n')), 'credentials');
    assert.equal(
      secretContent('.npmrc', bytesOf('//registry.example/:_authToken=${NPM_TOKEN}\nsave-exact=true\n')),
      undefined,
    );
    assert.equal(secretContent('web/.yarnrc.yml', bytesOf('npmAuthToken: "abcdef123"\n')), 'credentials');
  });

  it('judges text without a name by its content', () => {
    assert.deepEqual(findSecret('', bytesOf(`token ghp_${letters(36)}`)), { rule: 'secret-content', secret: 'token' });
  });
});
