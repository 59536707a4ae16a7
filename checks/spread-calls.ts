import { meetsForeignBytes, type SourceFile } from "./sources.ts";
import { lineAt, type SyntaxNode, treeOf } from "./syntax-tree.ts";

const COPYING = new Set(["push", "unshift", "splice"]);
const OF_CLASSES: Readonly<Record<string, ReadonlySet<string>>> = {
  Math: new Set(["max", "min"]),
  String: new Set(["fromCharCode", "fromCodePoint"]),
};

/** A call with a list that is spread into its arguments. */
export interface SpreadCall {
  readonly call: SyntaxNode;
  /** The method's name. */
  readonly name: string;
}

/**
 * Returns calls that spread a list into push(), Math.max() and similar functions, as `path:line sentence`. Arguments
 * are on the stack: with about 120,000 elements such a call throws a RangeError.
 */
export function spreadCalls(file: SourceFile): string[] {
  if (!meetsForeignBytes(file)) return [];
  const text = file.lines.join("\n");
  return spreadsIn(text, file.path).map(({ call, name }) => {
    return `${file.path}:${lineAt(text, call.start)} spreads a list into ${name}(), which throws for a long one: write a loop, or reduce()`;
  });
}

/** Returns the calls of a source text, in the order of their ends. */
export function spreadsIn(text: string, path: string): SpreadCall[] {
  if (!text.includes("...")) return [];
  const found: SpreadCall[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const child of Object.values(node)) visit(child);
    const call = node as SyntaxNode;
    const name = call.type === "CallExpression" ? methodOf(call.callee!) : undefined;
    if (name !== undefined && call.arguments!.some(isSpreadOfList)) found.push({ call, name });
  };
  visit(treeOf(text, path));
  return found;
}

const isSpreadOfList = ({ type, argument }: SyntaxNode): boolean =>
  type === "SpreadElement" && argument!.type !== "ArrayExpression";

/** The name of a method that takes any number of arguments. */
function methodOf({ type, object, property }: SyntaxNode): string | undefined {
  const name = type === "MemberExpression" ? property!.name : undefined;
  if (name === undefined) return undefined;
  if (COPYING.has(name)) return name;
  return OF_CLASSES[object!.name ?? ""]?.has(name) === true ? name : undefined;
}
