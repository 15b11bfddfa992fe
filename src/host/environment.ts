/** Variables that any program may see: where programs lie, whose home it is, which language, where scratch files go. */
const always = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TMPDIR', 'TZ'] as const;
const alwaysOnWindows = ['SystemRoot', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'TEMP', 'TMP', 'PATHEXT'] as const;

/** Reads one variable of this machine's environment; empty counts as absent. */
export function environmentVariable(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

/**
 * The part of this machine's environment that a started program may see: a short allow-list and what `pass` names.
 * Everything else (keys, tokens, agent sockets) stays here.
 */
export function allowedEnvironment(pass: readonly string[] = []): Record<string, string> {
  const allowed: Record<string, string> = {};
  const names = process.platform === 'win32' ? [...always, ...alwaysOnWindows, ...pass] : [...always, ...pass];
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) allowed[name] = value;
  }
  return allowed;
}

/**
 * The absolute folders of PATH, in order and once each. Relative entries are dropped: they would name programs of
 * whatever folder happens to be current, such as an opened workspace.
 */
export function programFolders(path: string | undefined = process.env['PATH']): readonly string[] {
  const separator = process.platform === 'win32' ? ';' : ':';
  const isAbsolute = (folder: string) => folder.startsWith('/') || /^[A-Za-z]:[\\/]/.test(folder);
  return [...new Set((path ?? '').split(separator).filter(isAbsolute))];
}
