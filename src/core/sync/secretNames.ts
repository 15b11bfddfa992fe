import { foldKey } from '../paths.ts';
import type { SecretKind } from './types.ts';

/** Raised whenever a rule of this page or of `secretContent.ts` changes: what was agreed under older rules is asked again. */
export const secretRulesVersion = 1;

/** Endings by which people mark the harmless pattern of a secret file, such as `.env.example`. */
const patternEnding = /[.\-_](?:example|sample|template|dist)$/;

/** Rules for the last part of a path, folded. */
const names: readonly (readonly [RegExp, SecretKind])[] = [
  [/^\.env(?:$|[.\-_])|^\.envrc$|.\.env$/, 'env-file'],
  [/^id_(?:rsa|dsa|ecdsa|ed25519|xmss)(?:_sk)?$|^identity$/, 'private-key'],
  [/\.(?:pem|key|p8|p12|pfx|pkcs12|pkcs8|ppk|jks|keystore|kdbx|ovpn)$/, 'private-key'],
  [
    /^(?:\.netrc|_netrc|\.htpasswd|\.htdigest|\.pgpass|\.my\.cnf|\.pypirc|\.git-credentials|\.dockercfg)$/,
    'credentials',
  ],
  [/^(?:\.s3cfg|\.boto|\.vault-token|\.vault_pass(?:\.txt)?|\.rhosts|\.dockerconfigjson|auth\.json)$/, 'credentials'],
  [/^(?:kubeconfig|.+\.kubeconfig|kubeconfig\.ya?ml)$/, 'credentials'],
  [/^credentials(?:\.(?:json|ya?ml|xml|ini|toml|csv|txt|db|properties))?$/, 'credentials'],
  [
    /^(?:client[_-]?secret.*|.*service[_-]?account.*|application_default_credentials|.*firebase-adminsdk.*)\.json$/,
    'credentials',
  ],
  [/^secrets?\.(?:json|ya?ml|toml|ini|properties|env|txt)$/, 'credentials'],
  [/\.tfstate(?:\..+)?$|\.tfvars(?:\.json)?$/, 'credentials'],
  [/^wallet\.dat$/, 'private-key'],
];

/** Rules for the last two parts of a path, folded. */
const places: readonly (readonly [RegExp, SecretKind])[] = [
  [/^\.ssh\/(?!known_hosts|.*\.pub$)/, 'private-key'],
  [/^\.gnupg\//, 'private-key'],
  [/^\.aws\/|^\.azure\/|^\.kube\/config$|^\.docker\/config\.json$|^gcloud\/|^\.oci\/config$/, 'credentials'],
];

/** What a path's name says it holds, or undefined for a name that looks like no secret. */
export function secretName(path: string): SecretKind | undefined {
  const parts = foldKey(path).split('/');
  const name = parts.at(-1) ?? '';
  if (patternEnding.test(name.replace(/\.(?:json|ya?ml|toml|ini|properties)$/, '')) || patternOf(name))
    return undefined;
  const byName = names.find(([rule]) => rule.test(name));
  if (byName !== undefined) return byName[1];
  for (let at = 0; at + 1 < parts.length; at++) {
    const place = `${parts[at]}/${parts[at + 1]}`;
    const byPlace = places.find(([rule]) => rule.test(place));
    if (byPlace !== undefined) return byPlace[1];
  }
  return undefined;
}

/** `example.env` is to `.env` what `.env.example` is. */
function patternOf(name: string): boolean {
  return /^(?:example|sample|template)\.env$/.test(name);
}
