import type { Random } from "../../../support/random.ts";

/** A node of a YAML document: a scalar as it is written, a list, or a mapping as a list of entries. */
export type Tree = string | TreeList | TreeMap;

export interface TreeList {
  items: Tree[];
}

export interface TreeMap {
  entries: [key: string, value: Tree][];
}

export const list = (...items: Tree[]): TreeList => ({ items });

export const map = (entries: readonly (readonly [key: string, value: Tree] | undefined)[]): TreeMap => ({
  entries: entries.filter((entry) => entry !== undefined).map(([key, value]) => [key, value]),
});

export const isMap = (tree: Tree): tree is TreeMap => typeof tree === "object" && "entries" in tree;
export const isList = (tree: Tree): tree is TreeList => typeof tree === "object" && "items" in tree;

const isEmpty = (tree: Tree): boolean =>
  typeof tree === "string" || (isMap(tree) ? tree.entries.length === 0 : tree.items.length === 0);

/** Writes a tree as YAML, randomly in block or flow style, sometimes with comments. */
export function writeYaml(tree: Tree, random: Random): string {
  return isEmpty(tree) ? `${flow(tree)}\n` : `${block(tree, "", random).join("\n")}\n`;
}

function block(tree: Tree, indent: string, random: Random): string[] {
  if (isList(tree)) {
    return tree.items.flatMap((item) => nested(`${indent}-`, item, `${indent}  `, random));
  }
  if (!isMap(tree)) return [indent + tree];
  return tree.entries.flatMap(([key, value]) => {
    const lines = nested(
      `${indent}${key}:`,
      value,
      isList(value) && random.chance(50) ? indent : `${indent}  `,
      random,
      true,
    );
    if (random.chance(2)) lines.unshift(`${indent}# about ${key}`);
    return lines;
  });
}

function nested(head: string, value: Tree, indent: string, random: Random, ownLine = false): string[] {
  if (isEmpty(value) || random.chance(15)) return [`${head} ${flow(value)}${random.chance(3) ? " # so" : ""}`];
  const lines = block(value, indent, random);
  return ownLine || isList(value) ? [head, ...lines] : [`${head} ${lines[0]!.trimStart()}`, ...lines.slice(1)];
}

function flow(tree: Tree): string {
  if (isList(tree)) return `[${tree.items.map(flow).join(", ")}]`;
  if (isMap(tree)) return `{${tree.entries.map(([key, value]) => `${key}: ${flow(value)}`).join(", ")}}`;
  // Quotes a scalar with characters that are not allowed in an unquoted scalar within brackets.
  return /^[^'"[{|>&*!].*[,[\]{}?]/.test(tree) ? `'${tree.replaceAll("'", "''")}'` : tree;
}

/** Returns every node of a YAML tree that can be replaced. */
export function replaceableParts(tree: Tree, found: ReplaceablePart[] = []): ReplaceablePart[] {
  if (isList(tree)) {
    for (const [i, item] of tree.items.entries()) {
      found.push({ value: item, set: (value) => (tree.items[i] = value) });
      replaceableParts(item, found);
    }
  } else if (isMap(tree)) {
    for (const entry of tree.entries) {
      found.push({ value: entry[1], set: (value) => (entry[1] = value), owner: tree, entry });
      replaceableParts(entry[1], found);
    }
  }
  return found;
}

/** A node of a YAML tree, and a function that replaces it. `entry` is set if the node is the value of a key. */
export interface ReplaceablePart {
  readonly value: Tree;
  readonly set: (value: Tree) => void;
  readonly owner?: TreeMap;
  readonly entry?: [key: string, value: Tree];
}
