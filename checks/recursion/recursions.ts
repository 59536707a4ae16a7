import { meetsForeignBytes, type SourceFile } from "../sources.ts";
import { type SyntaxNode, treeOf } from "../syntax-tree.ts";

/**
 * Names of functions of one file that call each other in a cycle, in the order of the file. A list with a single name
 * is a function that calls itself.
 */
export type Recursion = [first: string, ...others: string[]];

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
/**
 * Functions that run a callback later, with an empty stack. A call in a function literal that is passed to one of these
 * functions is therefore not recursion. A function that is passed by name still counts as called.
 */
const LATER = new Set([
  "after",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "nextTick",
  "requestAnimationFrame",
  "then",
  "catch",
  "finally",
  "on",
  "once",
  "addEventListener",
]);

/**
 * Returns the recursive functions of a file that may process bytes from outside; methods are named `Class.method`. Does
 * not find cycles through other files, other objects or members of object literals. Functions with the same name count
 * as one.
 */
export function recursionsIn(file: SourceFile): Recursion[] {
  if (!meetsForeignBytes(file)) return [];
  const calls = callsOf(file);
  const reached = new Map([...calls.keys()].map((name) => [name, reachedFrom(name, calls)]));
  const found: Recursion[] = [];
  for (const name of calls.keys()) {
    if (!reached.get(name)!.has(name)) continue;
    const circle = found.find(([first]) => reached.get(name)!.has(first) && reached.get(first)!.has(name));
    if (circle === undefined) found.push([name]);
    else circle.push(name);
  }
  return found;
}

function reachedFrom(name: string, calls: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const called of calls.get(next) ?? []) {
      if (reached.has(called)) continue;
      reached.add(called);
      waiting.push(called);
    }
  }
  return reached;
}

/**
 * Returns the functions of a file by name, each with the names of the functions that it calls or passes as arguments.
 */
function callsOf({ path, lines }: SourceFile): Map<string, Set<string>> {
  const calls = new Map<string, Set<string>>();
  const visit = (node: unknown, owner: string | undefined, className: string): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const one of node) visit(one, owner, className);
      return;
    }
    const part = node as SyntaxNode;
    const name = functionName(part, className);
    if (name !== undefined) calls.set(name, calls.get(name) ?? new Set());
    const inside = name ?? owner;
    const inClass = /^Class(?:Declaration|Expression)$/.test(part.type) ? (part.id?.name ?? "class") : className;
    if (part.type === "CallExpression" && inside !== undefined)
      for (const called of calledBy(part, className)) calls.get(inside)!.add(called);
    const later = part.callee !== undefined && LATER.has(lastName(part.callee)) ? part.arguments : undefined;
    for (const child of Object.values(part)) if (child !== later) visit(child, inside, inClass);
    for (const argument of later ?? []) visit(argument, isFunction(argument) ? undefined : inside, inClass);
  };
  visit(treeOf(lines.join("\n"), path), undefined, "");
  return calls;
}

const isFunction = (node: SyntaxNode | null | undefined): boolean => FUNCTIONS.has(node?.type ?? "");

/** Returns the name of the function that a declaration, variable or class member defines. */
function functionName(node: SyntaxNode, className: string): string | undefined {
  if (node.type === "FunctionDeclaration") return node.id?.name;
  if (node.type === "VariableDeclarator") return isFunction(node.init) ? node.id?.name : undefined;
  const isMember = node.type === "MethodDefinition" || node.type === "PropertyDefinition";
  return isMember && isFunction(node.value) && node.computed !== true
    ? `${className}.${memberName(node.key!)}`
    : undefined;
}

/** Returns the names of the functions that a call expression calls or passes as arguments. */
function calledBy({ callee, arguments: given }: SyntaxNode, className: string): string[] {
  const names = given!.flatMap(({ type, name }) => (type === "Identifier" ? [name!] : []));
  if (callee!.type === "Identifier") names.push(callee!.name!);
  const { object, property, computed } = callee!;
  if (object !== undefined && computed !== true) {
    const isOwn = object.type === "ThisExpression" || property!.type === "PrivateIdentifier";
    if (isOwn) names.push(`${className}.${memberName(property!)}`);
  }
  return names;
}

const memberName = ({ type, name = "" }: SyntaxNode): string => (type === "PrivateIdentifier" ? `#${name}` : name);

const lastName = ({ name, property }: SyntaxNode): string =>
  name ?? (property === undefined ? "" : memberName(property));
