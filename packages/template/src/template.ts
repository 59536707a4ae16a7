import { Budget, DEFAULT_LIMITS, type RenderLimits } from "./budget.ts";
import { BUILTINS } from "./builtins.ts";
import { Execution } from "./execute.ts";
import type { Evaluation } from "./evaluate.ts";
import { type FunctionTable, lookupIn } from "./function.ts";
import { parseDefinitions } from "./parser.ts";
import { TemplateError } from "./problem.ts";
import { isBlank, type Definition } from "./syntax.ts";
import type { Value } from "./value.ts";

/** Options of parseTemplate(). */
export interface TemplateOptions {
  /** Functions that the template may call in addition to the built-in ones. */
  readonly functions?: FunctionTable;
  /** Left and right delimiter of actions. Default: `{{` and `}}`. */
  readonly delims?: readonly [string, string];
  /** Template whose definitions and functions the parsed text may use. The template itself is not changed. */
  readonly within?: Template;
}

export interface ExecuteOptions {
  /** True to escape values for their position in an HTML document, like html/template. */
  readonly html?: boolean;
  /** Functions that replace the template's functions of the same names during this execution. */
  readonly functions?: FunctionTable;
  /** Name of the definition to execute instead of the whole text. */
  readonly name?: string;
  readonly limits?: RenderLimits;
  /**
   * Remaining limits of the outer execution, if this execution is called from another one. Used instead of `limits`.
   */
  readonly budget?: Budget;
  /**
   * Lets other work run, if executeAsync() is used. Called between statements; if it returns a promise, the execution
   * waits for it.
   */
  readonly pause?: () => Promise<void> | undefined;
}

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

  /**
   * Executes the template with `data` as its root value (`.`). Returns the output. Throws TemplateError, without any
   * output.
   */
  execute(data: Value, options: ExecuteOptions = {}): string {
    const run = this.#start(data, options);
    const step = contained(this.name, () => run.next());
    if (step.done === true) return step.value;
    throw new TemplateError(`template: ${this.name}: a function answers later; run the template with executeAsync`);
  }

  /** Executes the template like execute(). Its functions may return promises. */
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
    const lookup = functions === undefined ? lookupIn(this.functions) : lookupIn(functions, this.functions);
    const budget = options.budget ?? new Budget(limits);
    return new Execution(this.definitions, lookup, { html, budget, pause }).run(definition, data);
  }
}

/**
 * Converts JavaScript's errors about a stack overflow or a too long string to a TemplateError, because only the
 * template can cause them.
 */
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

/** Parses a template. Errors contain its name. */
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
