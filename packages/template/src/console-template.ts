import { Budget, DEFAULT_LIMITS } from "./budget.ts";
import { templateFunction } from "./function.ts";
import { FunctionError, TemplateError } from "./problem.ts";
import { prometheusFunctions, type TemplateContext } from "./prometheus-functions.ts";
import { parseTemplate, type Template, type TemplateOptions } from "./template.ts";
import { TrustedText, type Value } from "./value.ts";

/** Maximum nesting of `tmpl`, which the expanded template may call. */
const MAX_NESTING = 100;

/** A text with its name for errors. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

export interface ConsoleOptions {
  readonly context: TemplateContext;
  /** Texts whose definitions the page may use; they replace definitions of the page. */
  readonly libraries: readonly NamedText[];
  /** Called between statements; a promise is awaited. */
  readonly pause: () => Promise<void> | undefined;
}

/**
 * Renders a page with values escaped for their positions in HTML. Rejects with a TemplateError in Prometheus' words.
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
      // The position of the call is added before the message.
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
