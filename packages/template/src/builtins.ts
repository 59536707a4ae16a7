import { equals, isLess } from "./compare.ts";
import { templateFunction, variadicFunction, type FunctionTable } from "./function.ts";
import { sprint, printValue } from "./print.ts";
import { sprintf } from "./printf.ts";
import { FunctionError } from "./problem.ts";
import { escapeHtml, escapeJs, escapeQuery } from "./text-escape.ts";
import { entriesOf, GoList, GoMap, isFunction, isTrue, itemsOf, TrustedText, typeName, type Value } from "./value.ts";

function length(value: Value): bigint {
  if (value === null || value === undefined) throw new FunctionError("len of nil pointer");
  const text = value instanceof TrustedText ? value.text : value;
  if (typeof text === "string") return BigInt(Buffer.byteLength(text));
  const size = itemsOf(value)?.length ?? entriesOf(value)?.size;
  if (size === undefined) throw new FunctionError(`len of type ${typeName(value)}`);
  return BigInt(size);
}

function position(index: Value, size: number): number {
  if (index === null || index === undefined) throw new FunctionError("cannot index slice/array with nil");
  if (typeof index !== "bigint") throw new FunctionError(`cannot index slice/array with type ${typeName(index)}`);
  if (index < 0n || index >= BigInt(size)) throw new FunctionError(`index out of range: ${index}`);
  return Number(index);
}

function indexOnce(item: Value, index: Value): Value {
  if (item === null || item === undefined) throw new FunctionError("index of untyped nil");
  const entries = entriesOf(item);
  if (entries !== undefined) {
    if (typeof index !== "string") {
      if (index === null || index === undefined) throw new FunctionError("value is nil; should be of type string");
      throw new FunctionError(`value has type ${typeName(index)}; should be string`);
    }
    return entries.has(index) ? entries.get(index) : item instanceof GoMap ? item.zero : undefined;
  }
  const items = itemsOf(item);
  if (items !== undefined) return items[position(index, items.length)];
  if (typeof item !== "string") throw new FunctionError(`can't index item of type ${typeName(item)}`);
  const bytes = Buffer.from(item);
  return BigInt(bytes[position(index, bytes.length)]!);
}

/** Returns start and end of a slice. Indexes up to `size` are valid, because the end of a slice may equal the size. */
function bounds(indexes: readonly Value[], size: number): [number, number] {
  const numbers = indexes.map((index) => position(index, size + 1));
  const [from, to] = [numbers[0] ?? 0, numbers[1] ?? size];
  for (let i = 1; i < numbers.length; i++) {
    if (numbers[i - 1]! > numbers[i]!) {
      throw new FunctionError(`invalid slice index: ${numbers[i - 1]} > ${numbers[i]}`);
    }
  }
  return [from, to];
}

function slice(item: Value, indexes: readonly Value[]): Value {
  if (item === null || item === undefined) throw new FunctionError("slice of untyped nil");
  if (indexes.length > 3) throw new FunctionError(`too many slice indexes: ${indexes.length}`);
  if (typeof item === "string") {
    if (indexes.length === 3) throw new FunctionError("cannot 3-index slice a string");
    const bytes = Buffer.from(item);
    const [from, to] = bounds(indexes, bytes.length);
    return bytes.subarray(from, to).toString();
  }
  const items = itemsOf(item);
  if (items === undefined) throw new FunctionError(`can't slice item of type ${typeName(item)}`);
  const [from, to] = bounds(indexes, items.length);
  const part = items.slice(from, to);
  return item instanceof GoList ? new GoList(item.type, part) : part;
}

function call(callee: Value, args: readonly Value[]): unknown {
  if (callee === null || callee === undefined) throw new FunctionError("call of nil");
  if (!isFunction(callee)) throw new FunctionError(`non-function ${printValue(callee)} of type ${typeName(callee)}`);
  const wanted = callee.parameters.length;
  if (callee.rest === undefined ? args.length !== wanted : args.length < wanted) {
    const least = callee.rest === undefined ? "" : "at least ";
    throw new FunctionError(`wrong number of args for call: got ${args.length} want ${least}${wanted}`);
  }
  return (callee.call as (...args: readonly Value[]) => unknown)(...args);
}

function equalsAny(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw new FunctionError("missing argument for comparison");
  return others.some((other) => equals(first, other));
}

/**
 * Returns the arguments of the functions html, js and urlquery as one text. A single string is unchanged; otherwise
 * arguments are joined as `print` does.
 */
const textForm = (args: readonly Value[]): string =>
  typeof args[0] === "string" && args.length === 1 ? args[0] : sprint(args);

/**
 * Functions that every template can call. `and` and `or` are only listed for their parameters: their arguments are
 * evaluated one by one, and may be skipped.
 */
export const BUILTINS: FunctionTable = {
  and: variadicFunction(["any"], "any", (first, ...rest) => [first, ...rest].find((value) => !isTrue(value))),
  or: variadicFunction(["any"], "any", (first, ...rest) => [first, ...rest].find((value) => isTrue(value))),
  not: templateFunction(["any"], (value) => !isTrue(value)),
  len: templateFunction(["any"], length),
  index: variadicFunction(["any"], "any", (item, ...indexes) => indexes.reduce(indexOnce, item)),
  slice: variadicFunction(["any"], "any", (item, ...indexes) => slice(item, indexes)),
  call: variadicFunction(["any"], "any", (callee, ...args) => call(callee, args)),
  print: variadicFunction([], "any", (...args) => sprint(args)),
  println: variadicFunction([], "any", (...args) => `${args.map(printValue).join(" ")}\n`),
  printf: variadicFunction(["string"], "any", (format, ...args) => sprintf(format, args)),
  html: variadicFunction([], "any", (...args) => escapeHtml(textForm(args))),
  js: variadicFunction([], "any", (...args) => escapeJs(textForm(args))),
  urlquery: variadicFunction([], "any", (...args) => escapeQuery(textForm(args))),
  eq: variadicFunction(["any"], "any", (first, ...others) => equalsAny(first, others)),
  ne: templateFunction(["any", "any"], (a, b) => !equals(a, b)),
  lt: templateFunction(["any", "any"], isLess),
  le: templateFunction(["any", "any"], (a, b) => isLess(a, b) || equals(a, b)),
  gt: templateFunction(["any", "any"], (a, b) => !(isLess(a, b) || equals(a, b))),
  ge: templateFunction(["any", "any"], (a, b) => !isLess(a, b)),
};
