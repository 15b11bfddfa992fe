/** What the page's HTML is built from: addresses that the webview may load, and its source for the policy. */
export interface PageAssets {
  /** `webview.cspSource`. */
  readonly source: string;
  readonly script: string;
  readonly styles: readonly string[];
  /** Fresh for each page, from a cryptographic source. */
  readonly nonce: string;
}

/**
 * The policy of the page: one script, our own styles and font, nothing else. No picture, frame, form or request can
 * leave it, and text cannot become markup but by the sanitizer's own policy.
 */
export function contentPolicy({ source, nonce }: Pick<PageAssets, 'source' | 'nonce'>): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `font-src ${source}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types dompurify',
  ].join('; ');
}

/** The panel's page: an empty document that the script fills. */
export function panelHtml(assets: PageAssets): string {
  const styles = assets.styles.map((href) => `<link rel="stylesheet" href="${escape(href)}">`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(contentPolicy(assets))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Airlock</title>
${styles.join('\n')}
</head>
<body>
<script nonce="${escape(assets.nonce)}" src="${escape(assets.script)}"></script>
</body>
</html>
`;
}

function escape(text: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '"': '&quot;', '<': '&lt;', '>': '&gt;' };
  return text.replace(/[&"<>]/g, (character) => named[character] ?? character);
}
