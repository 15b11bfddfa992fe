/** This process's environment without what an editor around it left there, which would lead another one astray. */
export function withoutEditor(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_)/.test(name));
  return Object.fromEntries(own);
}
