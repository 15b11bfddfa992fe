import MarkdownIt from 'markdown-it';
import { parseTarget } from './links.ts';
import { visibleLine, visibleProse } from '../../shared/visible.ts';

/** A top-level piece of a message; only `markup` is HTML, and it still has to pass the sanitizer. */
export type Block =
  | { readonly kind: 'markup'; readonly source: string; readonly html: () => string }
  | { readonly kind: 'code'; readonly text: string; readonly language: string }
  | { readonly kind: 'plain'; readonly text: string };

/** In characters. What is beyond is drawn as plain text, or not at all: a message must not stop the page. */
const limits = { markdown: 60_000, plain: 200_000, block: 12_000, inline: 4_000 };

function create(): InstanceType<typeof MarkdownIt> {
  const made = new MarkdownIt({ html: false, linkify: true });
  made.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  made.validateLink = (href) => parseTarget(href) !== undefined;
  return made;
}

/** Finds the blocks only, which is fast; what is inside a block is parsed when that block is drawn. */
const structure = create();
structure.core.ruler.enableOnly(['normalize', 'block']);

const markdown = create();
markdown.core.ruler.disable(['normalize', 'block']);
markdown.core.ruler.before('inline', 'overlong', ({ tokens }) => {
  for (const token of tokens)
    if (token.type === 'inline' && token.content.length > limits.inline) token.type = 'overlong';
});
markdown.renderer.rules['overlong'] = (tokens, index) => escapeHtml(tokens[index]?.content ?? '');

const { escapeHtml } = markdown.utils;

type Token = ReturnType<(typeof markdown)['parse']>[number];
type Env = NonNullable<Parameters<(typeof markdown)['parse']>[1]>;

markdown.renderer.rules['code_inline'] = (tokens, index) =>
  `<code>${escapeHtml(visibleLine(tokens[index]?.content ?? ''))}</code>`;

/** Pictures are never fetched, as fetching one tells its server what the model wanted to tell. */
markdown.renderer.rules['image'] = (tokens, index) => {
  const token = tokens[index];
  const source = String(token?.attrGet('src') ?? '');
  return `<a href="${escapeHtml(source)}">Picture not loaded: ${escapeHtml(token?.content ?? '')}</a>`;
};

for (const rule of ['th_open', 'td_open']) {
  markdown.renderer.rules[rule] = (tokens, index) => {
    const token = tokens[index];
    const side = /text-align:(center|right)/.exec(String(token?.attrGet('style') ?? ''))?.[1];
    return `<${token?.tag ?? 'td'}${side === undefined ? '' : ` class="to-${side}"`}>`;
  };
}

/** The page's own headings come first: a message's begin at the third level. */
for (const rule of ['heading_open', 'heading_close']) {
  markdown.renderer.rules[rule] = (tokens, index) => {
    const token = tokens[index];
    const level = Math.min(6, Number(token?.tag.slice(1) ?? 1) + 2);
    return `<${token?.nesting === -1 ? '/' : ''}h${level}>`;
  };
}

/** Splits a message into blocks that can be drawn, compared and replaced one by one. */
export function parseMarkdown(text: string): Block[] {
  const shown = visibleProse(text.slice(0, limits.markdown));
  const lines = shown.split('\n');
  const env: Env = {};
  const tokens = structure.parse(shown, env);
  // A definition that comes later may turn earlier words into links; the first of a name holds, so counting is enough.
  const definitions = Object.keys(env.references ?? {}).length;
  const blocks = groups(tokens).map((group) => blockOf(group, lines, env, definitions));
  if (text.length <= limits.markdown) return blocks;
  return [...blocks, ...plainTail(text)];
}

function blockOf(tokens: Token[], lines: readonly string[], env: Env, definitions: number): Block {
  const [first] = tokens;
  if (first?.type === 'fence' || first?.type === 'code_block') {
    return { kind: 'code', text: first.content.replace(/\n$/, ''), language: languageOf(first.info) };
  }
  const [from, to] = first?.map ?? [0, 0];
  const source = lines.slice(from, to).join('\n');
  if (source.length > limits.block) return { kind: 'plain', text: source };
  return { kind: 'markup', source: `${definitions} ${source}`, html: () => render(tokens, env) };
}

function render(tokens: Token[], env: Env): string {
  const state = new markdown.core.State('', markdown, env);
  state.tokens = tokens;
  markdown.core.process(state);
  return markdown.renderer.render(state.tokens, markdown.options, env);
}

/** Tokens of each top-level block. */
function groups(tokens: readonly Token[]): Token[][] {
  const found: Token[][] = [];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0) found.push([]);
    found.at(-1)?.push(token);
    depth += token.nesting;
  }
  return found;
}

function languageOf(info: string): string {
  const word = /^[^\s{]*/.exec(info.trim())?.[0] ?? '';
  return visibleLine(word).slice(0, 30);
}

function plainTail(text: string): Block[] {
  const end = limits.markdown + limits.plain;
  const rest: Block = { kind: 'plain', text: visibleProse(text.slice(limits.markdown, end)) };
  const left = text.length - end;
  const note = `${left.toLocaleString('en')} more characters are not shown.`;
  return left > 0 ? [rest, { kind: 'plain', text: note }] : [rest];
}
