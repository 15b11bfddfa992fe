export { mayCarryLogin, secretContent, SecretScan } from './secretContent.ts';
export { secretName, secretRulesVersion } from './secretNames.ts';
