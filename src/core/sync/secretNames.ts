import { foldKey } from '../paths.ts';
import type { SecretKind } from './types.ts';

/** Raised whenever a rule of this page or of `secretContent.ts` changes: what was agreed under older rules is asked again. */
export const secretRulesVersion = 2;

/** Endings by which people mark the harmless pattern of a secret file, such as `.env.example`. */
const patternEnding = /[.\-_](?:example|sample|template|dist)$/;

/** Bundles of public certificates, which programs need: a key among them would be found in the content. */
const publicBundle = /^(?:ca(?:[-_]?certs?|[-_]?bundle|[-_]?certificates?)?|roots?|certs?)\.pem$/;

/** Rules for the last part of a path, folded. */
const names: readonly (readonly [RegExp, SecretKind])[] = [
  [/^\.env(?:$|[.\-_~\d])|^\.envrc$|.\.env$|^\.dev\.vars(?:$|[.\-_])/, 'env-file'],
  [/^id_(?:rsa|dsa|ecdsa|ed25519|xmss)(?:_sk)?$|^identity$/, 'private-key'],
  [/\.(?:pem|key|p8|p12|pfx|pkcs12|pkcs8|ppk|jks|keystore|kdbx|kdb|ovpn)$/, 'private-key'],
  [/^wallet\.dat$/, 'private-key'],
  // Logins of programs for networks, databases and mail.
  [/^[._]netrc(?:$|[.\-_~])|^netrc$|^\.authinfo(?:\.gpg)?$|^\.(?:fetchmail|msmtp|esmtp)rc$/, 'credentials'],
  [/^\.ht(?:passwd|digest)$|^\.rhosts$|^\.?smbcredentials$|^\.passwd-s3fs$|^\.ftpconfig$/, 'credentials'],
  [/^(?:\.pgpass|pgpass\.conf|\.my\.cnf|\.mylogin\.cnf|\.pg_service\.conf|\.databrickscfg)$/, 'credentials'],
  [/^(?:\.pypirc|\.git-credentials|\.dockercfg|\.dockerconfigjson|\.clasprc\.json|\.sentryclirc)$/, 'credentials'],
  [/^(?:\.s3cfg|\.boto|rclone\.conf|\.vault-token|\.vault_pass(?:\.txt)?|auth\.json|ngrok\.ya?ml)$/, 'credentials'],
  [/^(?:sftp|ftp-sync)(?:-config)?\.json$|^(?:sitemanager|recentservers)\.xml$/, 'credentials'],
  // Clouds and clusters.
  [/^(?:.+[.\-_])?kube[-_.]?config(?:$|[.\-_])|^k3s\.ya?ml$/, 'credentials'],
  [/^(?:client[_-]?secret.*|.*service[_-]?account.*|.*firebase-adminsdk.*)\.json$/, 'credentials'],
  [
    /^application_default_credentials\.json$|^local\.settings\.json$|^publishsettings$|\.publishsettings$/,
    'credentials',
  ],
  [/\.tfstate(?:\..+)?$|\.tfvars(?:\.json)?$|^\.terraformrc$|^terraform\.rc$|\.tfrc\.json$/, 'credentials'],
  // Names that say it.
  [/^\.?credentials(?:\.(?:json|ya?ml|xml|ini|toml|csv|txt|db|properties))?$/, 'credentials'],
  [/^\.?secrets?\.(?:json|ya?ml|toml|ini|properties|env|txt)$|^\.secrets?$|.\.secrets?$/, 'credentials'],
];

/** Rules for two neighbouring parts of a path, folded. */
const places: readonly (readonly [RegExp, SecretKind])[] = [
  [/^\.ssh\/(?!known_hosts|.*\.pub$)/, 'private-key'],
  [/^\.gnupg\//, 'private-key'],
  [/^\.(?:aws|azure|secrets|kube|oci|snowsql)\/|^\.docker\/config\.json$|^\.config\/(?:gcloud|gh|hub)$/, 'credentials'],
  [/^gcloud\/(?:credentials|access_tokens|legacy_credentials|application_default)/, 'credentials'],
];

/** What a path's name says it holds, or undefined for a name that looks like no secret. */
export function secretName(path: string): SecretKind | undefined {
  const folded = foldKey(path);
  const name = folded.slice(folded.lastIndexOf('/') + 1);
  // Most names are those of no secret, and thousands are asked about at once.
  const kind = kindByName(name) ?? kindByPlace(folded);
  return kind === undefined || isPattern(name) || publicBundle.test(name) ? undefined : kind;
}

const anyName = new RegExp(names.map(([rule]) => rule.source).join('|'));

function kindByName(name: string): SecretKind | undefined {
  return anyName.test(name) ? names.find(([rule]) => rule.test(name))?.[1] : undefined;
}

function kindByPlace(folded: string): SecretKind | undefined {
  if (!folded.includes('/')) return undefined;
  const parts = folded.split('/');
  for (let at = 0; at + 1 < parts.length; at++) {
    const place = `${parts[at]}/${parts[at + 1]}`;
    const byPlace = places.find(([rule]) => rule.test(place));
    if (byPlace !== undefined) return byPlace[1];
  }
  return undefined;
}

function isPattern(name: string): boolean {
  return patternEnding.test(name.replace(/\.(?:json|ya?ml|toml|ini|properties)$/, '')) || patternOf(name);
}

/** `example.env` is to `.env` what `.env.example` is. */
function patternOf(name: string): boolean {
  return /^(?:example|sample|template)\.env$/.test(name);
}
