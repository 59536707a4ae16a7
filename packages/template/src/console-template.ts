import { Budget, DEFAULT_LIMITS } from "./budget.ts";
import { templateFunction } from "./function.ts";
import { FunctionError, TemplateError } from "./problem.ts";
import { prometheusFunctions, type TemplateContext } from "./prometheus-functions.ts";
import { parseTemplate, type Template, type TemplateOptions } from "./template.ts";
import { TrustedText, type Value } from "./value.ts";

/** Maximum nesting of the template function `tmpl`. A template that it renders may itself call `tmpl`. */
const MAX_NESTING = 100;

/** A template's text, and its name for error messages. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

export interface ConsoleOptions {
  readonly context: TemplateContext;
  /**
   * Templates with definitions that the console page may use. If a library and the page define a template with the same
   * name, the library's definition is used.
   */
  readonly libraries: readonly NamedText[];
  /** Lets other work run. Called between statements; if it returns a promise, rendering waits for it. */
  readonly pause: () => Promise<void> | undefined;
}

/**
 * Renders a console page. Escapes values according to their position in the HTML document. Rejects with a TemplateError
 * that has Prometheus' message.
 */
export async function renderConsole(page: NamedText, data: Value, options: ConsoleOptions): Promise<string> {
  const { context, libraries, pause } = options;
  const { name } = page;
  const run = { html: true, budget: new Budget(DEFAULT_LIMITS), pause };
  let depth = 0;
  const expand = async (definition: string, dot: Value): Promise<TrustedText> => {
    if (++depth > MAX_NESTING) throw new FunctionError(`templates are nested deeper than ${MAX_NESTING}`);
    try {
      return new TrustedText("html", await template.executeAsync(dot, { ...run, name: definition }));
    } catch (error) {
      // Converts the error of a nested template to a FunctionError, so that the position of the call is added to its
      // message.
      throw error instanceof TemplateError ? new FunctionError(error.message, { cause: error }) : error;
    } finally {
      depth--;
    }
  };
  const functions = {
    ...prometheusFunctions(context),
    tmpl: templateFunction(["string", "any"], expand),
  };
  let template = parsed(page, { functions }, `error parsing template ${name}`);
  for (const library of libraries)
    template = parsed(library, { within: template }, `error parsing template files for ${name}`);
  try {
    return await template.executeAsync(data, { ...run, name });
  } catch (error) {
    throw described(error, `error executing template ${name}`);
  }
}

function parsed({ name, text }: NamedText, options: TemplateOptions, failure: string): Template {
  const outcome = parseTemplate(name, text, options);
  if (outcome.ok) return outcome.template;
  throw described(outcome.error, failure);
}

const described = (error: unknown, what: string): unknown =>
  error instanceof TemplateError ? new TemplateError(`${what}: ${error.message}`, { cause: error }) : error;
