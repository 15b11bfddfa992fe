// Runs in the page before anything else and stands where VS Code stands: state, messages, theme, and a record of what
// the policy refused and what was thrown.
/* global window, document */
'use strict';

(() => {
  // `answers` are kept as JSON until they are sent, each in a task of its own, so that making them blocks nothing.
  const airlock = { posted: [], refused: [], thrown: [], answers: [] };
  const answer = (json) => setTimeout(() => airlock.send(JSON.parse(json)));
  airlock.replay = () => airlock.answers.forEach(answer);
  const load = () => JSON.parse(window.sessionStorage.getItem('state') ?? 'null') ?? undefined;
  window.airlock = airlock;
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => {
      airlock.posted.push(JSON.parse(JSON.stringify(message)));
      if (message.type === 'ready') airlock.replay();
    },
    getState: load,
    setState: (state) => window.sessionStorage.setItem('state', JSON.stringify(state)),
  });
  window.addEventListener('error', (event) => airlock.thrown.push(String(event.message)));
  window.addEventListener('unhandledrejection', (event) => airlock.thrown.push(String(event.reason)));
  document.addEventListener('securitypolicyviolation', (event) =>
    airlock.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
  );

  // The part of VS Code's own sheet for webviews that would show on this page.
  const sheet = new window.CSSStyleSheet();
  sheet.replaceSync(`@layer vscode-default { code {
    padding: 1px 3px; border-radius: 4px;
    color: var(--vscode-textPreformat-foreground); background-color: var(--vscode-textPreformat-background);
  } }`);
  document.adoptedStyleSheets = [sheet];

  airlock.send = (...messages) => {
    for (const message of messages) window.postMessage(message, window.origin);
  };
  airlock.dress = ({ kind, behind, variables }) => {
    const { style } = document.documentElement;
    style.cssText = '';
    for (const [name, value] of Object.entries(variables)) style.setProperty(`--vscode-${name}`, value);
    style.background = behind;
    document.body.className = kind;
  };
  // Two frames: one in which the page works, one in which it has drawn.
  airlock.drawn = () =>
    new Promise((resolve) => {
      window.requestAnimationFrame(() => window.requestAnimationFrame(() => setTimeout(resolve)));
    });
})();
