// @ts-check
// Read by whatever Node starts a command, so it imports nothing and is written for old ones too.

/**
 * Why Airlock's commands cannot run on a machine, in one sentence; undefined where they can.
 *
 * @param {string} platform as process.platform says it
 * @param {string} node version, as process.versions.node says it
 * @returns {string | undefined}
 */
export function refusal(platform, node) {
  if (platform === 'win32')
    return "Airlock's commands need Linux or macOS: on Windows, use WSL2 and run them inside it.";
  const [major = 0, minor = 0] = node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return `Airlock's commands need Node 20.19 or newer; this is Node ${node}.`;
}
