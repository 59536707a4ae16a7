import { Budget, DEFAULT_LIMITS, type RenderLimits } from "./budget.ts";
import { BUILTINS } from "./builtins.ts";
import { Execution } from "./execute.ts";
import type { Evaluation } from "./evaluate.ts";
import type { FunctionTable } from "./function.ts";
import { parseDefinitions } from "./parser.ts";
import { TemplateError } from "./problem.ts";
import { isBlank, type Definition } from "./syntax.ts";
import type { Value } from "./value.ts";

/** Options of parsing. */
export interface TemplateOptions {
  /** Functions in addition to the built-in ones. */
  readonly functions?: FunctionTable;
  /** Left and right delimiter, `{{` and `}}` by default. */
  readonly delims?: readonly [string, string];
  /** A template whose definitions and functions this text may use; it is not changed. */
  readonly within?: Template;
}

/** Options of one run. */
export interface ExecuteOptions {
  /** True to escape values for their position in an HTML document, like html/template. */
  readonly html?: boolean;
  /** Replaces functions of the same name for this run. */
  readonly functions?: FunctionTable;
  /** Runs this definition instead of the text itself. */
  readonly name?: string;
  /** Limits of the run; default: DEFAULT_LIMITS. */
  readonly limits?: RenderLimits;
  /** Remaining limits of another run that this one is part of; replaces `limits`. */
  readonly budget?: Budget;
  /** Called between statements by executeAsync. A promise is awaited, so that a long run yields to the event loop. */
  readonly pause?: () => Promise<void> | undefined;
}

/** The result of parsing. */
export type ParsedTemplate =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly error: TemplateError };

/** A parsed text with all definitions that it can call. Immutable. */
export class Template {
  readonly name: string;
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly functions: FunctionTable;

  constructor(name: string, definitions: ReadonlyMap<string, Definition>, functions: FunctionTable) {
    this.name = name;
    this.definitions = definitions;
    this.functions = functions;
  }

  /** Renders with `data` as dot; output before an error is discarded. Throws TemplateError. */
  execute(data: Value, options: ExecuteOptions = {}): string {
    const run = this.#start(data, options);
    const step = contained(this.name, () => run.next());
    if (step.done === true) return step.value;
    throw new TemplateError(`template: ${this.name}: a function answers later; run the template with executeAsync`);
  }

  /** Like execute(), with functions that return promises. */
  async executeAsync(data: Value, options: ExecuteOptions = {}): Promise<string> {
    const run = this.#start(data, options);
    let step = contained(this.name, () => run.next());
    while (step.done !== true) {
      try {
        const value = await step.value;
        step = contained(this.name, () => run.next(value));
      } catch (cause) {
        if (cause instanceof TemplateError) throw cause;
        step = contained(this.name, () => run.throw(cause));
      }
    }
    return step.value;
  }

  #start(data: Value, options: ExecuteOptions): Evaluation<string> {
    const { html = false, functions, name = this.name, limits = DEFAULT_LIMITS, pause } = options;
    const definition = this.definitions.get(name);
    if (definition === undefined)
      throw new TemplateError(`${html ? "html/" : ""}template: ${JSON.stringify(name)} is undefined`);
    const table = functions === undefined ? this.functions : { ...this.functions, ...functions };
    const budget = options.budget ?? new Budget(limits);
    return new Execution(this.definitions, table, { html, budget, pause }).run(definition, data);
  }
}

/** If JavaScript refuses something for its size (the stack, the longest string), the template is at fault. */
function contained<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const stack = error.message.includes("call stack");
    const what = stack ? "the template is nested too deep, or calls itself without end" : error.message;
    throw new TemplateError(`template: ${name}: ${what}`, { cause: error });
  }
}

/** Parses a text; `name` is shown in errors. */
export function parseTemplate(name: string, text: string, options: TemplateOptions = {}): ParsedTemplate {
  const { within, delims } = options;
  const functions: FunctionTable = { ...(within?.functions ?? BUILTINS), ...options.functions };
  try {
    const parsed = contained(name, () =>
      parseDefinitions(name, text, {
        hasFunction: (candidate) => Object.hasOwn(functions, candidate),
        ...(delims === undefined ? {} : { delims }),
      }),
    );
    const definitions = new Map(within?.definitions);
    for (const definition of parsed) {
      if (!isBlank(definition.body) || !definitions.has(definition.name)) definitions.set(definition.name, definition);
    }
    return { ok: true, template: new Template(name, definitions, functions) };
  } catch (error) {
    if (error instanceof TemplateError) return { ok: false, error };
    throw error;
  }
}
