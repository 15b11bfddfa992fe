// @ts-check
// Takes the place of VS Code's compiled @vscode/native-watchdog: ends this process when the one that started it is gone.
/** @param {number} pid */
exports.start = (pid) => {
  const look = () => {
    try {
      process.kill(pid, 0);
    } catch {
      process.exit(87);
    }
  };
  setInterval(look, 3000).unref();
};
