import { parseAst } from "rolldown/parseAst";

/** A node of a source's syntax tree (ESTree), with the fields that the checks use. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly id?: SyntaxNode | null;
  readonly init?: SyntaxNode | null;
  readonly key?: SyntaxNode;
  readonly value?: SyntaxNode | null;
  readonly callee?: SyntaxNode;
  readonly object?: SyntaxNode;
  readonly property?: SyntaxNode;
  readonly arguments?: readonly SyntaxNode[];
  readonly argument?: SyntaxNode;
  readonly computed?: boolean;
  readonly name?: string;
  readonly regex?: { readonly pattern: string; readonly flags: string };
}

/** Returns the line of an offset in a source, counted from 1. */
export const lineAt = (text: string, start: number): number => text.slice(0, start).split("\n").length;

/**
 * Calls `visit` with a node and its descendants, in the order of the source. If `visit` returns false for a node, the
 * descendants of this node are skipped.
 */
export function visitNodes(node: SyntaxNode, visit: (node: SyntaxNode) => boolean | void): void {
  if (visit(node) === false) return;
  for (const child of Object.values(node).flat() as unknown[])
    if (typeof (child as SyntaxNode | null)?.type === "string") visitNodes(child as SyntaxNode, visit);
}

/** Parses a TypeScript source; the path's extension says whether it has JSX. */
export const treeOf = (text: string, path: string): SyntaxNode =>
  parseAst(text, { lang: path.endsWith("x") ? "tsx" : "ts" }, path);
