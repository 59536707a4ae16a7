import { dirname, join } from "node:path/posix";
import { importsOf, type SourceFile } from "./sources.ts";

/**
 * Returns import cycles. Each cycle is a list of paths that import each other, directly or indirectly. Imports of types
 * count too, because a reader of one file then needs the other files.
 */
export function importCycles(files: readonly SourceFile[]): string[][] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const importsByPath = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) => join(dirname(file.path), specifier))
        .filter((path) => byPath.has(path)),
    ]),
  );
  return stronglyConnected(importsByPath).filter((component) => component.length > 1);
}

/** Returns import cycles with files of more than one folder. */
export const cyclesAcrossFolders = (files: readonly SourceFile[]): string[][] =>
  importCycles(files).filter((cycle) => new Set(cycle.map((path) => dirname(path))).size > 1);

/** Tarjan's algorithm: the strongly connected components of a graph, each sorted. */
function stronglyConnected(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const components: string[][] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    lowest.set(node, index.get(node)!);
    stack.push(node);
    onStack.add(node);
    for (const next of graph.get(node)!) {
      if (!index.has(next)) {
        visit(next);
        lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
      } else if (onStack.has(next)) lowest.set(node, Math.min(lowest.get(node)!, index.get(next)!));
    }
    if (lowest.get(node) !== index.get(node)) return;
    const component = stack.splice(stack.lastIndexOf(node));
    for (const member of component) onStack.delete(member);
    components.push(component.toSorted());
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return components;
}
