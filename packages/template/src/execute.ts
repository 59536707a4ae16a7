import type { Budget } from "./budget.ts";
import { checkPrintable, directValue, evaluatePipeline, INDIRECT, Scope, type Evaluation } from "./evaluate.ts";
import type { FunctionLookup } from "./function.ts";
import { HtmlContext } from "./html-context.ts";
import { HtmlFault } from "./html-place.ts";
import { printResult } from "./print.ts";
import { TemplateError } from "./problem.ts";
import { printNode, type Branch, type Definition, type Pipeline, type Statement } from "./syntax.ts";
import { entriesOf, isTrue, itemsOf, sortedKeys, type Value } from "./value.ts";

/** Maximum recursion depth of templates, as in Go. JavaScript's stack may overflow at a smaller depth. */
const DEPTH_LIMIT = 1000;

/** How the statements of a block ended: at the end, or with {{break}} or {{continue}}. */
type Ending = "break" | "continue" | "end";

/** Lets other work run between statements. If it returns a promise, the execution waits for it. */
type Pause = () => Promise<void> | undefined;

/** One execution of a template, which collects the output. */
export class Execution {
  readonly #definitions: ReadonlyMap<string, Definition>;
  readonly #functions: FunctionLookup;
  readonly #html: HtmlContext | undefined;
  readonly #budget: Budget;
  readonly #pause: Pause | undefined;
  readonly #out: string[] = [];
  #depth = 0;

  constructor(
    definitions: ReadonlyMap<string, Definition>,
    functions: FunctionLookup,
    { html, budget, pause }: { readonly html: boolean; readonly budget: Budget; readonly pause: Pause | undefined },
  ) {
    this.#definitions = definitions;
    this.#functions = functions;
    this.#budget = budget;
    this.#pause = pause;
    this.#html = html ? new HtmlContext() : undefined;
  }

  /** Executes a definition with `data` as its root value (`.`). Returns the output. Throws TemplateError. */
  *run(definition: Definition, data: Value): Evaluation<string> {
    const scope = new Scope(definition, this.#functions, data, this.#budget);
    yield* this.#body(scope, data, definition.body);
    this.#inHtml(scope, (html) => html.end());
    return this.#out.join("");
  }

  *#body(scope: Scope, dot: Value, statements: readonly Statement[]): Evaluation<Ending> {
    for (const statement of statements) {
      scope.at(statement);
      scope.check(this.#budget.step());
      const pause = this.#pause?.();
      if (pause !== undefined) yield pause;
      switch (statement.kind) {
        case "text":
          this.#print(scope, this.#inHtml(scope, (html) => html.literal(statement.text)) ?? statement.text);
          break;
        case "action": {
          const direct = this.#html === undefined ? directValue(scope, dot, statement.pipeline) : INDIRECT;
          if (direct === INDIRECT) yield* this.#action(scope, dot, statement);
          else this.#printValue(scope, direct, statement, statement.pipeline);
          break;
        }
        case "template":
          yield* this.#template(scope, dot, statement);
          break;
        case "break":
        case "continue":
          return statement.kind;
        default: {
          const ending = yield* statement.kind === "range"
            ? this.#range(scope, dot, statement)
            : this.#branch(scope, dot, statement);
          if (ending !== "end") return ending;
        }
      }
    }
    return "end";
  }

  /** Calls `work` with the current position in the HTML document. Returns undefined if the output is plain text. */
  #inHtml<T>(scope: Scope, work: (html: HtmlContext) => T): T | undefined {
    try {
      return this.#html && work(this.#html);
    } catch (error) {
      if (!(error instanceof HtmlFault)) throw error;
      const { name } = scope.definition;
      throw new TemplateError(`html/template:${name === "" ? "" : `${name}:`} ${error.message}`, { cause: error });
    }
  }

  #print(scope: Scope, text: string): void {
    scope.check(this.#budget.print(text));
    this.#out.push(text);
  }

  *#action(scope: Scope, dot: Value, statement: Statement & { kind: "action" }): Evaluation<void> {
    const pipeline = this.#html === undefined ? statement.pipeline : withoutEscaper(scope, statement.pipeline);
    this.#printValue(scope, yield* evaluatePipeline(scope, dot, pipeline), statement, pipeline);
  }

  #printValue(scope: Scope, found: Value, statement: Statement & { kind: "action" }, pipeline: Pipeline): void {
    const value = checkPrintable(scope, found, statement);
    if (pipeline.variables.length > 0) return;
    this.#print(scope, this.#html === undefined ? printResult(value) : this.#html.value(value));
  }

  *#branch(scope: Scope, dot: Value, node: Branch): Evaluation<Ending> {
    const mark = scope.mark;
    const value = yield* evaluatePipeline(scope, dot, node.pipeline);
    let ending: Ending = "end";
    if (isTrue(value)) ending = yield* this.#body(scope, node.kind === "with" ? value : dot, node.body);
    else if (node.otherwise !== undefined) ending = yield* this.#body(scope, dot, node.otherwise);
    scope.release(mark);
    return ending;
  }

  *#range(scope: Scope, dot: Value, node: Branch): Evaluation<Ending> {
    const outer = scope.mark;
    const value = yield* evaluatePipeline(scope, dot, { ...node.pipeline, variables: [] });
    let ending: Ending = "end";
    let ran = false;
    for (const [index, element] of elements(scope, value, node)) {
      ran = true;
      scope.at(node);
      scope.check(this.#budget.step());
      const mark = scope.mark;
      bindLoop(scope, node.pipeline, index, element);
      ending = yield* this.#body(scope, element, node.body);
      scope.release(mark);
      if (ending === "break") break;
    }
    if (!ran && node.otherwise !== undefined) ending = yield* this.#body(scope, dot, node.otherwise);
    else ending = "end";
    scope.release(outer);
    return ending;
  }

  *#template(scope: Scope, dot: Value, node: Statement & { kind: "template" }): Evaluation<void> {
    const definition = this.#definitions.get(node.name);
    if (definition === undefined) scope.fail(`template ${JSON.stringify(node.name)} not defined`);
    if (++this.#depth > DEPTH_LIMIT) scope.fail(`exceeded maximum template depth (${DEPTH_LIMIT})`);
    const data = node.pipeline === undefined ? undefined : yield* evaluatePipeline(scope, dot, node.pipeline);
    yield* this.#body(new Scope(definition, this.#functions, data, this.#budget), data, definition.body);
    this.#depth--;
  }
}

function bindLoop(scope: Scope, { variables, assigns }: Pipeline, index: Value, element: Value): void {
  const [first, second] = variables;
  if (first === undefined) return;
  const bind = (name: string, value: Value): void => (assigns ? scope.assign(name, value) : scope.declare(name, value));
  if (second === undefined) return bind(first, element);
  bind(first, index);
  bind(second, element);
}

/** Yields the elements of a value with their index or key, in the order of Go's `range`. */
function* elements(scope: Scope, value: Value, node: Branch): Generator<readonly [Value, Value]> {
  if (value === undefined || value === null) return;
  if (typeof value === "bigint") {
    if (node.pipeline.variables.length > 1) scope.fail(`can't use ${value} to iterate over more than one variable`);
    for (let i = 0n; i < value; i++) yield [i, i];
    return;
  }
  const items = itemsOf(value);
  if (items !== undefined) {
    for (const [i, item] of items.entries()) yield [BigInt(i), item];
    return;
  }
  const entries = entriesOf(value);
  if (entries === undefined) scope.fail(`range can't iterate over ${printResult(value)}`);
  for (const key of sortedKeys(entries)) yield [key, entries.get(key)];
}

/**
 * Replaces the function `html` at the end of a pipeline by `print`, because HTML templates escape automatically. An
 * escaping function elsewhere in a pipeline is an error.
 */
function withoutEscaper(scope: Scope, pipeline: Pipeline): Pipeline {
  const isEscaper = (i: number): boolean => {
    const first = pipeline.commands[i]!.args[0]!;
    return first.kind === "identifier" && (first.name === "html" || first.name === "urlquery");
  };
  const last = pipeline.commands.length - 1;
  for (let i = 0; i < last; i++) {
    if (!isEscaper(i)) continue;
    const name = printNode(pipeline.commands[i]!.args[0]!);
    const { name: template, text } = scope.definition;
    const column = Buffer.byteLength(text.slice(text.lastIndexOf("\n", pipeline.at - 1) + 1, pipeline.at));
    throw new TemplateError(
      `html/template:${template}:${pipeline.line}:${column}: predefined escaper "${name}" disallowed in template`,
    );
  }
  const final = pipeline.commands[last]!;
  const [callee, ...args] = final.args;
  if (callee?.kind !== "identifier" || callee.name !== "html") return pipeline;
  const print = { ...final, args: [{ ...callee, name: "print" }, ...args] };
  return { ...pipeline, commands: [...pipeline.commands.slice(0, last), print] };
}
