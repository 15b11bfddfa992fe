import { ThemeColor, ThemeIcon, TreeItem } from 'vscode';

/** How one row of a tree looks: words first, so that nothing hangs on colour or icon alone. */
export interface TreeRow {
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly iconColor?: string;
  /** Tags for the menus, apart by blanks. */
  readonly context: string;
  readonly tooltip: string;
  /** What a screen reader says: whole words where the eye makes do with few. */
  readonly spoken: string;
}

/** The row as the editor draws it; its id keeps it the same over a refresh. */
export function treeItem(row: TreeRow, id: string): TreeItem {
  const item = new TreeItem(row.label);
  item.id = id;
  item.description = row.description;
  item.tooltip = row.tooltip;
  item.iconPath = new ThemeIcon(row.icon, row.iconColor === undefined ? undefined : new ThemeColor(row.iconColor));
  item.contextValue = row.context;
  item.accessibilityInformation = { label: row.spoken };
  return item;
}
