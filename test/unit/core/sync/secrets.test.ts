import assert from 'node:assert/strict';
import { secretContent, secretName, SecretScan } from '../../../../src/core/sync/secrets.ts';
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
    '.dev.vars',
    'worker/.dev.vars.staging',
    'local.settings.json',
    '.secrets',
    '.secrets/token',
    '.netrc.bak',
    '_netrc-work',
    'x.auto.tfvars.json',
    'kubeconfig-prod',
    'kube.config',
    'prod-kubeconfig.yaml',
    '.kube/prod',
    '.pgpass',
    'pgpass.conf',
    '.my.cnf',
    '.s3cfg',
    '.boto',
    'service-account-prod.json',
    'serviceAccountKey.json',
    '.env~',
    '.config/gcloud/credentials.db',
    'gcloud/legacy_credentials/me/adc.json',
    'rclone.conf',
    '.terraformrc',
    'app.secret',
    'site.publishsettings',
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
    'site-packages/certifi/cacert.pem',
    'src/gcloud/client.ts',
    'src/secrets/index.ts',
    'secret.ts',
    'appsettings.json',
    'settings.json',
    'kubeconfigs.ts',
    'netrc.ts',
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
    it(`lets pass: ${text.slice(0, 40)}`, () => assert.equal(secretContent('a.md', bytesOf(text)), undefined));

  it('holds back a settings file with a login and lets one without it pass', () => {
    assert.equal(secretContent('.npmrc', bytesOf('//registry.example/:_authToken=abcdef123\n')), 'credentials');
    assert.equal(
      secretContent('.npmrc', bytesOf('//registry.example/:_authToken=${NPM_TOKEN}\nsave-exact=true\n')),
      undefined,
    );
    assert.equal(secretContent('web/.yarnrc.yml', bytesOf('npmAuthToken: "abcdef123"\n')), 'credentials');
  });

  it('holds back settings of an application that carry a password', () => {
    const settings = (password: string) =>
      bytesOf(JSON.stringify({ ConnectionStrings: { Db: `Server=a;Password=${password};` } }));
    assert.equal(secretContent('api/appsettings.Production.json', settings('hunter22')), 'credentials');
    assert.equal(secretContent('api/appsettings.json', bytesOf('{"ApiKey": "abcdef"}')), 'credentials');
    assert.equal(secretContent('api/appsettings.json', bytesOf('{"Logging": {"LogLevel": "Warning"}}')), undefined);
    assert.equal(secretContent('api/appsettings.json', settings('${DB_PASSWORD}')), undefined);
    assert.equal(secretContent('api/other.json', settings('hunter22')), undefined);
  });

  it('holds back what package managers note of a login', () => {
    const note = bytesOf('{"resolved": "git+https://me:abcdef123@git.example/a.git"}');
    assert.equal(secretContent('node_modules/.package-lock.json', note), 'credentials');
  });

  it('judges text without a name by its content', () => {
    assert.equal(secretContent('', bytesOf(`token ghp_${letters(36)}`)), 'token');
  });

  describe('as it streams', () => {
    const scanned = (bytes: Uint8Array, step: number, path = 'a.txt') => {
      const scan = new SecretScan(path);
      for (let at = 0; at < bytes.length; at += step) scan.take(bytes.subarray(at, at + step));
      return scan.end();
    };
    const filler = (length: number) => 'lorem ipsum '.repeat(Math.ceil(length / 12)).slice(0, length);

    it('finds a token wherever it lies, however the bytes are cut', () => {
      const token = ` ghp_${letters(36)} `;
      for (const before of [0, 1, 4090, 300_000, 1024 * 1024 - 20, 1024 * 1024 + 4000, 3_000_000]) {
        const bytes = bytesOf(filler(before) + token + filler(50));
        for (const step of [7919, 65_536, bytes.length])
          assert.equal(scanned(bytes, step), 'token', `${before} ${step}`);
      }
      const small = bytesOf(filler(200) + token);
      for (const step of [1, 2, 3, 5, 41]) assert.equal(scanned(small, step), 'token', `${step}`);
    });

    it('finds a key of many lines over a cut', () => {
      const bytes = bytesOf(`${filler(1024 * 1024 - 40)}${key('RSA PRIVATE KEY')}`);
      assert.equal(scanned(bytes, 4096), 'private-key');
    });

    it('finds one far into UTF-16', () => {
      const text = `${filler(400_000)} ghp_${letters(36)}`;
      const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
      assert.equal(scanned(bytes, 99_999), 'token');
    });

    it('takes no piece of a longer word for a token because it was cut there', () => {
      const word = `${letters(80)}AKIA${'Q'.repeat(16)}${letters(80)}`;
      for (const step of [1, 3, 84, 100, 104]) assert.equal(scanned(bytesOf(word), step), undefined, `${step}`);
      const aligned = bytesOf(`${'x'.repeat(5000)}AKIA${'Q'.repeat(16)}${'x'.repeat(4076)}`);
      assert.equal(scanned(aligned, 5020), undefined);
    });

    it('finds a login at the end of its file', () => {
      assert.equal(scanned(bytesOf(`${'a=b\n'.repeat(3000)}//r/:_authToken=abcd`), 500, '.npmrc'), 'credentials');
    });
  });
});
