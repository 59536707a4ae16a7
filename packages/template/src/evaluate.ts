import type { Budget } from "./budget.ts";
import { GO_TYPE, type FunctionLookup, type ParameterType, type TemplateFunction } from "./function.ts";
import { TemplateError } from "./problem.ts";
import { printNode, type Command, type Definition, type Operand, type Pipeline, type Statement } from "./syntax.ts";
import { GoDuration } from "./duration.ts";
import { printValue } from "./print.ts";
import { GoTime } from "./time.ts";
import {
  entriesOf,
  fieldsOf,
  GoList,
  GoMap,
  isFunction,
  isTrue,
  itemsOf,
  methodOf,
  QUERY_RESULT,
  typeName,
  type Value,
} from "./value.ts";

/**
 * An evaluation as a generator. If a template function returns a promise, yields the promise. The caller then resumes
 * the generator with the promise's value.
 */
export type Evaluation<T> = Generator<PromiseLike<Value>, T, Value>;

/**
 * Placeholder for the argument from the pipe (`x | f`) if a call is not in a pipe. The value nil is no placeholder,
 * because an argument from a pipe can be nil.
 */
const MISSING: unique symbol = Symbol("missing");
type Piped = Value;

type Node = Operand | Command | Statement;

/** Variables and functions while one template definition is executed. */
export class Scope {
  readonly definition: Definition;
  readonly functions: FunctionLookup;
  readonly budget: Budget;
  readonly #variables: { readonly name: string; value: Value }[];
  #node: Node = { kind: "dot", at: 0 };

  constructor(definition: Definition, functions: FunctionLookup, dot: Value, budget: Budget) {
    this.definition = definition;
    this.functions = functions;
    this.budget = budget;
    this.#variables = [{ name: "$", value: dot }];
  }

  /** Records which part of the template is being evaluated. An error message names this part, as in Go. */
  at(node: Node): void {
    this.#node = node;
  }

  /** Throws a template error if `complaint`, an error message of the limits, is defined. */
  check(complaint: string | undefined): void {
    if (complaint !== undefined) this.fail(complaint);
  }

  get mark(): number {
    return this.#variables.length;
  }

  release(mark: number): void {
    this.#variables.length = mark;
  }

  declare(name: string, value: Value): void {
    this.#variables.push({ name, value });
  }

  assign(name: string, value: Value): void {
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
    if (variable === undefined) this.fail(`undefined variable: ${name}`);
    variable.value = value;
  }

  lookup(name: string): Value {
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
    if (variable === undefined) this.fail(`undefined variable: ${name}`);
    return variable.value;
  }

  /** Throws Go's error with the part of the template that is being evaluated. */
  fail(message: string, cause?: unknown): never {
    const { source, text, name } = this.definition;
    const node = this.#node;
    const before = text.slice(0, node.at);
    const line = before.split("\n").length;
    const column = Buffer.byteLength(before.slice(before.lastIndexOf("\n") + 1));
    const place = `template: ${source}:${line}:${column}: executing ${JSON.stringify(name)} at <${printNode(node)}>`;
    throw new TemplateError(`${place}: ${message}`, cause === undefined ? undefined : { cause });
  }
}

/** Evaluates a pipeline such as `a | b`. Also sets the variables on its left side. */
export function* evaluatePipeline(scope: Scope, dot: Value, pipeline: Pipeline): Evaluation<Value> {
  scope.at(pipeline);
  let value: Piped = MISSING;
  for (const command of pipeline.commands) {
    const direct = value === MISSING ? directCommand(scope, dot, command) : INDIRECT;
    value = direct === INDIRECT ? yield* evaluateCommand(scope, dot, command, value) : direct;
    if (value === null) value = undefined;
  }
  return bound(scope, pipeline, value);
}

/** Sets the variables on the left side of a pipeline to its value. */
function bound(scope: Scope, { variables, assigns }: Pipeline, value: Value): Value {
  for (const name of variables) {
    if (assigns) scope.assign(name, value);
    else scope.declare(name, value);
  }
  return value;
}

/** Result of the functions below for a part of a template that they do not evaluate. */
export const INDIRECT: unique symbol = Symbol("indirect");

/**
 * Evaluates a pipeline without a generator, which would take several times as long. Returns INDIRECT for a pipeline that
 * is more than a variable or a field. evaluatePipeline() then evaluates it.
 */
export function directValue(scope: Scope, dot: Value, pipeline: Pipeline): Value {
  if (pipeline.commands.length !== 1) return INDIRECT;
  scope.at(pipeline);
  const value = directCommand(scope, dot, pipeline.commands[0]!);
  return value === INDIRECT ? INDIRECT : bound(scope, pipeline, value === null ? undefined : value);
}

const directCommand = (scope: Scope, dot: Value, { args }: Command): Value =>
  args.length === 1 ? directOperand(scope, dot, args[0]!) : INDIRECT;

function directOperand(scope: Scope, dot: Value, node: Operand): Value {
  switch (node.kind) {
    case "field":
      scope.at(node);
      return directPath(dot, node.path);
    case "variable":
      scope.at(node);
      return directPath(scope.lookup(node.name), node.path);
    default:
      return INDIRECT;
  }
}

/** Returns a field of a value. Returns INDIRECT if a name is a method or unknown. */
function directPath(value: Value, path: readonly string[]): Value {
  for (const name of path) {
    if (value === undefined) return undefined;
    if (value === null || methodOf(value, name) !== undefined) return INDIRECT;
    value = memberOf(value, name);
    if (value === INDIRECT) return INDIRECT;
  }
  return value;
}

/**
 * Returns an entry of a map or a field of a struct. A missing entry is the zero value of the map's type. Returns INDIRECT
 * if the value has no such field.
 */
function memberOf(value: Value, name: string): Value {
  const entries = entriesOf(value);
  if (entries !== undefined) {
    if (entries.has(name)) return entries.get(name);
    return value instanceof GoMap ? value.zero : null;
  }
  const fields = fieldsOf(value);
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : INDIRECT;
}

function* evaluateCommand(scope: Scope, dot: Value, command: Command, piped: Piped): Evaluation<Value> {
  const first = command.args[0]!;
  switch (first.kind) {
    case "field":
      scope.at(first);
      return yield* fieldPath(scope, dot, dot, first, first.path, command.args, piped);
    case "chain":
      return yield* chain(scope, dot, first, command.args, piped);
    case "identifier":
      return yield* functionCall(scope, dot, first.name, command, command.args, piped);
    case "variable":
      return yield* variable(scope, dot, first, command.args, piped);
  }
  if (first.kind !== "pipeline") scope.at(first);
  if (command.args.length > 1 || piped !== MISSING) {
    scope.fail(`can't give argument to non-function ${printNode(first)}`);
  }
  if (first.kind === "pipeline") return yield* evaluatePipeline(scope, dot, first);
  if (first.kind === "nil") scope.fail("nil is not a command");
  return literal(scope, dot, first);
}

function literal(scope: Scope, dot: Value, node: Operand): Value {
  switch (node.kind) {
    case "dot":
      return dot;
    case "bool":
    case "string":
      return node.value;
    case "number":
      if (typeof node.value === "bigint" && node.value > 0x7fff_ffff_ffff_ffffn) {
        scope.at(node);
        scope.fail(`${node.text} overflows int`);
      }
      return node.value;
    default:
      return null;
  }
}

function* variable(
  scope: Scope,
  dot: Value,
  node: Extract<Operand, { kind: "variable" }>,
  args: readonly Operand[],
  piped: Piped,
): Evaluation<Value> {
  scope.at(node);
  const value = scope.lookup(node.name);
  if (node.path.length > 0) return yield* fieldPath(scope, dot, value, node, node.path, args, piped);
  if (args.length > 1 || piped !== MISSING) {
    scope.fail(`can't give argument to non-function ${printNode(args[0]!)}`);
  }
  return value;
}

function* chain(
  scope: Scope,
  dot: Value,
  node: Extract<Operand, { kind: "chain" }>,
  args: readonly Operand[],
  piped: Piped,
): Evaluation<Value> {
  scope.at(node);
  if (node.base.kind === "nil") scope.fail(`indirection through explicit nil in ${printNode(node)}`);
  const base = yield* evaluateArgument(scope, dot, "any", node.base);
  return yield* fieldPath(scope, dot, base, node, node.path, args, piped);
}

function* fieldPath(
  scope: Scope,
  dot: Value,
  base: Value,
  node: Operand,
  path: readonly string[],
  args: readonly Operand[],
  piped: Piped,
): Evaluation<Value> {
  let value = base;
  for (const name of path.slice(0, -1)) value = yield* field(scope, dot, value, name, node, [], MISSING);
  return yield* field(scope, dot, value, path.at(-1)!, node, args, piped);
}

/** Returns the result of a method, a field of a struct or an entry of a map. */
function* field(
  scope: Scope,
  dot: Value,
  receiver: Value,
  name: string,
  node: Operand,
  args: readonly Operand[],
  piped: Piped,
): Evaluation<Value> {
  if (receiver === undefined) return undefined;
  if (receiver === null) scope.fail(`nil pointer evaluating interface {}.${name}`);
  const method = methodOf(receiver, name);
  if (method !== undefined) return yield* invoke(scope, dot, method, name, node, args, piped);
  const hasArguments = args.length > 1 || piped !== MISSING;
  if (hasArguments && entriesOf(receiver) !== undefined) scope.fail(`${name} is not a method but has arguments`);
  const member = memberOf(receiver, name);
  if (member === INDIRECT) scope.fail(`can't evaluate field ${name} in type ${typeName(receiver)}`);
  if (hasArguments) scope.fail(`${name} has arguments but cannot be invoked as function`);
  return member;
}

function* functionCall(
  scope: Scope,
  dot: Value,
  name: string,
  node: Command | Operand,
  args: readonly Operand[],
  piped: Piped,
): Evaluation<Value> {
  const found = scope.functions(name);
  scope.at(args[0]!);
  if (found === undefined) scope.fail(`"${name}" is not a defined function`);
  return yield* invoke(scope, dot, found, name, node, args, piped);
}

function* invoke(
  scope: Scope,
  dot: Value,
  target: TemplateFunction,
  name: string,
  node: Node,
  callArgs: readonly Operand[],
  piped: Piped,
): Evaluation<Value> {
  const args = callArgs.slice(1);
  checkCount(scope, target, name, args.length, piped !== MISSING);
  if (name === "and" || name === "or") return yield* shortCircuit(scope, dot, name, args, piped);
  const values: Value[] = [];
  for (const [i, arg] of args.entries()) {
    const type = target.parameters[i] ?? target.rest ?? "any";
    const direct = directOperand(scope, dot, arg);
    values.push(direct === INDIRECT ? yield* evaluateArgument(scope, dot, type, arg) : convert(scope, direct, type));
  }
  if (piped !== MISSING) {
    const type = target.parameters[values.length] ?? target.rest ?? "any";
    values.push(convert(scope, piped, type));
  }
  for (const value of values) scope.check(scope.budget.value(value));
  if (target.cost !== undefined) scope.check(scope.budget.step(target.cost(...(values as never[]))));
  try {
    const { call } = target;
    const result = call(...(values as never[]));
    const value: Value = isPromise(result) ? yield result : result;
    scope.check(scope.budget.value(value));
    return value;
  } catch (cause) {
    if (cause instanceof TemplateError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    scope.at(node);
    scope.fail(`error calling ${name}: ${message}`, cause);
  }
}

const isPromise = (value: unknown): value is PromiseLike<Value> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

function checkCount(
  scope: Scope,
  { parameters, rest }: TemplateFunction,
  name: string,
  given: number,
  hasPiped: boolean,
): void {
  const count = given + (hasPiped ? 1 : 0);
  if (rest === undefined ? count === parameters.length : count >= parameters.length) return;
  const want = rest === undefined ? `want ${parameters.length}` : `want at least ${parameters.length}`;
  scope.fail(`wrong number of args for ${name}: ${want} got ${rest === undefined ? count : given}`);
}

/**
 * Evaluates the arguments of `and` or `or` one by one, until an argument decides the result. Returns the deciding
 * argument, or the last argument if none decides.
 */
function* shortCircuit(
  scope: Scope,
  dot: Value,
  name: "and" | "or",
  args: readonly Operand[],
  piped: Piped,
): Evaluation<Value> {
  let value: Value;
  for (const arg of args) {
    value = yield* evaluateArgument(scope, dot, "any", arg);
    if (isTrue(value) === (name === "or")) return value;
  }
  return piped === MISSING ? value : piped;
}

function* evaluateArgument(scope: Scope, dot: Value, type: ParameterType, node: Operand): Evaluation<Value> {
  scope.at(node);
  switch (node.kind) {
    case "dot":
      return convert(scope, dot, type);
    case "nil":
      if (type !== "any" && type !== "list" && type !== "samples" && type !== "strings")
        scope.fail(`cannot assign nil to ${GO_TYPE[type]}`);
      return null;
    case "field":
      return convert(scope, yield* fieldPath(scope, dot, dot, node, node.path, [node], MISSING), type);
    case "variable":
      return convert(scope, yield* variable(scope, dot, node, [node], MISSING), type);
    case "chain":
      return convert(scope, yield* chain(scope, dot, node, [node], MISSING), type);
    case "pipeline":
      return convert(scope, yield* evaluatePipeline(scope, dot, node), type);
    case "identifier":
      return convert(scope, yield* functionCall(scope, dot, node.name, node, [node], MISSING), type);
  }
  return constant(scope, dot, type, node);
}

const EXPECTED: Partial<Record<ParameterType, string>> = {
  bool: "bool",
  string: "string",
  int: "integer",
  float: "float",
};

/** Converts a literal to the type of a parameter. Fails if information would be lost. */
function constant(scope: Scope, dot: Value, type: ParameterType, node: Operand): Value {
  const value = literal(scope, dot, node);
  switch (type) {
    case "any":
      return value;
    case "bool":
      if (typeof value === "boolean") return value;
      break;
    case "string":
      if (typeof value === "string") return value;
      break;
    case "int":
      if (typeof value === "bigint") return value;
      if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
      break;
    case "float":
      if (typeof value === "number") return value;
      if (typeof value === "bigint") return Number(value);
      break;
    case "duration":
      if (typeof value === "bigint") return new GoDuration(value);
      break;
  }
  const expected = EXPECTED[type];
  if (expected === undefined) scope.fail(`can't handle ${printNode(node)} for arg of type ${GO_TYPE[type]}`);
  scope.fail(`expected ${expected}; found ${printNode(node)}`);
}

/** Checks that a value has the type of a parameter, and converts it for the function. */
function convert(scope: Scope, value: Piped, type: ParameterType): Value {
  if (type === "any") return value;
  if (value === undefined || value === null) {
    if (type === "list" || type === "samples" || type === "strings") return [];
    scope.fail(`invalid value; expected ${GO_TYPE[type]}`);
  }
  const accepted = accept(value, type);
  if (accepted === undefined) {
    scope.fail(`wrong type for value; expected ${GO_TYPE[type]}; got ${typeName(value)}`);
  }
  return accepted;
}

function accept(value: Value, type: ParameterType): Value {
  switch (type) {
    case "string":
      return typeof value === "string" ? value : undefined;
    case "int":
      return typeof value === "bigint" ? value : undefined;
    case "float":
      return typeof value === "number" ? value : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "list":
      return itemsOf(value);
    case "samples":
      return value instanceof GoList && value.type === QUERY_RESULT ? value.items : undefined;
    case "strings": {
      const items = itemsOf(value);
      return items?.every((item) => typeof item === "string") === true ? items : undefined;
    }
    case "time":
      return value instanceof GoTime ? value : undefined;
    case "duration":
      return value instanceof GoDuration ? value : undefined;
    case "any":
      return value;
  }
}

/** Returns a value that `{{…}}` can print. Fails for a function. */
export function checkPrintable(scope: Scope, value: Value, node: Statement & { kind: "action" }): Value {
  if (isFunction(value)) {
    scope.fail(`can't print ${printNode(node)} of type ${typeName(value)}: ${printValue(value)}`);
  }
  return value;
}
