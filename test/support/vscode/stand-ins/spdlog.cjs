// @ts-check
// Takes the place of VS Code's compiled @vscode/spdlog, the writer of log files. Without one, log output channels stay empty.
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

class Logger {
  /** @param {string} file */
  constructor(file) {
    mkdirSync(dirname(file), { recursive: true });
    this.file = file;
    this.level = 2;
    this.plain = false;
  }

  getLevel() {
    return this.level;
  }

  /** @param {number} level */
  setLevel(level) {
    this.level = level;
  }

  setPattern() {
    this.plain = false;
  }

  clearFormatters() {
    this.plain = true;
  }

  flush() {}

  drop() {}

  /**
   * @param {number} level
   * @param {string} text
   */
  write(level, text) {
    if (level < this.level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    appendFileSync(this.file, this.plain ? text : `${time} [${String(levels[level])}] ${text}\n`);
  }
}

for (const [level, name] of levels.entries()) {
  Object.defineProperty(Logger.prototype, name, {
    /**
     * @this {Logger}
     * @param {string} text
     */
    value(text) {
      this.write(level, text);
    },
  });
}

/**
 * @param {string} _name
 * @param {string} file
 */
const createLogger = (_name, file) => Promise.resolve(new Logger(file));

exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
