import { meetsForeignBytes, type SourceFile } from "./sources.ts";
import { lineAt, type SyntaxNode, treeOf } from "./syntax-tree.ts";

const COPYING = new Set(["push", "unshift", "splice"]);
const OF_CLASSES: Readonly<Record<string, ReadonlySet<string>>> = {
  Math: new Set(["max", "min"]),
  String: new Set(["fromCharCode", "fromCodePoint"]),
};

/** A call with a spread argument. */
export interface SpreadCall {
  readonly call: SyntaxNode;
  /** The method's name. */
  readonly name: string;
}

/**
 * Returns calls that spread a list into push(), Math.max() and similar functions, as `path:line sentence`. Such calls
 * are a risk: arguments use the stack, so about 120,000 elements cause a RangeError.
 */
export function spreadCalls(file: SourceFile): string[] {
  if (!meetsForeignBytes(file)) return [];
  const text = file.lines.join("\n");
  return spreadsIn(text, file.path).map(({ call, name }) => {
    return `${file.path}:${lineAt(text, call.start)} spreads a list into ${name}(), which throws for a long one: write a loop, or reduce()`;
  });
}

/** Returns the calls with a spread argument, in the order of their end positions. */
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

/** Returns the method's name if the method takes any number of arguments. */
function methodOf({ type, object, property }: SyntaxNode): string | undefined {
  const name = type === "MemberExpression" ? property!.name : undefined;
  if (name === undefined) return undefined;
  if (COPYING.has(name)) return name;
  return OF_CLASSES[object!.name ?? ""]?.has(name) === true ? name : undefined;
}
