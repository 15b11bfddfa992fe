/**
 * What the program may see of this machine's environment beside what every program may: where its state and images lie,
 * which backend it takes, and how the network is reached. Keys and tokens are in none of these.
 */
export const passedVariables: readonly string[] = [
  ...['DATA_DIR', 'IMAGE_DIR', 'BACKEND', 'QEMU_MACHINE', 'FIRECRACKER_DIR'].flatMap((name) => [
    `SMOLVM_${name}`,
    `CELESTO_${name}`,
  ]),
  'XDG_STATE_HOME',
  'DOCKER_HOST',
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
];

/** No usage counts, no look for updates, and no second process of itself that would outlive the first. */
export const setVariables: Readonly<Record<string, string>> = {
  CELESTO_NO_TELEMETRY: '1',
  DO_NOT_TRACK: '1',
  SMOLVM_DISABLE_VERSION_CHECK: '1',
  CELESTO_DISABLE_VERSION_CHECK: '1',
  SMOLVM_NO_KVM_REEXEC: '1',
  CELESTO_NO_KVM_REEXEC: '1',
};
