import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';

/** One file of the project: its path from the repository's root, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** What one file asks for: a file of the project (its path from the root) or a module by name. */
export type Import = { readonly file: string } | { readonly module: string };

const code = /\.(?:[cm]?[jt]s|css|html)$/;

/** Reads every code file below the given folders of the repository. */
export function readSources(root: string, folders: readonly string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && code.test(entry.name) && !entry.parentPath.includes('node_modules'))
      .map((entry) => posix.relative(root, `${entry.parentPath}/${entry.name}`))
      .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') })),
  );
}

/** Everything that a file imports: static, type-only, re-exported, dynamic, required, or named in a type. */
export function importsOf(source: Source): Import[] {
  const found: string[] = [];
  visit(parse(source), (node) => {
    const name = specifierOf(node);
    if (name !== undefined && ts.isStringLiteralLike(name)) found.push(name.text);
  });
  return found.map((name) =>
    name.startsWith('.')
      ? { file: posix.join(posix.dirname(source.path), name) }
      : { module: name.replace(/^node:/, '') },
  );
}

/** The text of every string in a file, its templates' parts included. */
export function stringsOf(source: Source): string[] {
  const found: string[] = [];
  visit(parse(source), (node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      found.push(node.text);
    }
  });
  return found;
}

function parse(source: Source): ts.SourceFile {
  return ts.createSourceFile(source.path, source.text, ts.ScriptTarget.Latest, true);
}

function visit(node: ts.Node, each: (node: ts.Node) => void): void {
  each(node);
  node.forEachChild((child) => visit(child, each));
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal;
  if (
    ts.isCallExpression(node) &&
    (node.expression.kind === ts.SyntaxKind.ImportKeyword || isRequire(node.expression))
  ) {
    return node.arguments[0];
  }
  return undefined;
}

function isRequire(expression: ts.Expression): boolean {
  if (ts.isIdentifier(expression)) return expression.text === 'require';
  return ts.isPropertyAccessExpression(expression) && expression.getText() === 'require.resolve';
}
