import type { Labels } from "@narthex/model";
import {
  contextFunctions,
  type FunctionTable,
  parseTemplate,
  type TemplateContext,
  prometheusFunctions,
  stringMap,
  type Template,
  TemplateError,
  type Value,
} from "@narthex/template";

/** Template text that precedes each alert template and defines variables such as $labels. */
const PRELUDE =
  "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}";

const emptyContext: TemplateContext = { time: 0, externalUrl: "http://localhost", query: () => [] };

/**
 * Template functions for checking templates. To render a template, they are replaced by functions that use the
 * evaluation time.
 */
const functions = prometheusFunctions(emptyContext);

const { query: _query, ...functionsWithoutQuery } = functions;

function parse(name: string, text: string): ReturnType<typeof parseTemplate> {
  return parseTemplate(name, PRELUDE + text, { functions });
}

/** Reports whether a template calls `query`. Such a template may read any series. */
export const templateQueries = (text: string): boolean =>
  text.includes("{{") &&
  text.includes("query") &&
  !parseTemplate("", PRELUDE + text, { functions: functionsWithoutQuery }).ok;

/**
 * Parses a template text with the variables of alerts. `offset` is the length of the definitions before the text.
 * Returns undefined for an invalid template and for a text without `{{…}}`.
 */
export function parseAlertTemplate(
  name: string,
  text: string,
): { readonly template: Template; readonly offset: number } | undefined {
  const parsed = text.includes("{{") ? parse(name, text) : undefined;
  return parsed?.ok === true ? { template: parsed.template, offset: PRELUDE.length } : undefined;
}

/** Returns the error of a template text, or undefined if it is valid. */
export function checkTemplate(name: string, text: string): string | undefined {
  if (!text.includes("{{")) return undefined;
  const parsed = parse(name, text);
  return parsed.ok ? undefined : parsed.error.message;
}

/** The functions of each context, which all templates of an evaluation share. */
const contexts = new WeakMap<TemplateContext, FunctionTable>();

function functionsOf(context: TemplateContext): FunctionTable {
  let found = contexts.get(context);
  if (found === undefined) contexts.set(context, (found = contextFunctions(context)));
  return found;
}

export interface AlertTemplateData {
  readonly labels: Labels;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  /** Value of the query result's element: a number or a histogram. */
  readonly value: Value;
}

/**
 * The template of a label or annotation. The text is parsed for the first alert, because a reload makes the templates of
 * all rules at once, and most rules have no alert.
 */
export class RuleTemplate {
  readonly text: string;
  readonly #name: string;
  /** The parsed template; null before the first alert. Undefined for an invalid text, and for a text without `{{…}}`. */
  #template: Template | undefined | null;

  constructor(alert: string, text: string) {
    this.text = text;
    this.#name = `__alert_${alert}`;
    this.#template = text.includes("{{") ? null : undefined;
  }

  /** Whether the text is the same for all alerts. */
  get isFixed(): boolean {
    return !this.text.includes("{{");
  }

  #parsed(): Template | undefined {
    if (this.#template !== null) return this.#template;
    const parsed = parse(this.#name, this.text);
    return (this.#template = parsed.ok ? parsed.template : undefined);
  }

  /**
   * Renders the text for one alert. If this fails, returns Prometheus' text `<error expanding template: …>`, so that
   * the alert is still sent.
   * @param observe receives true if rendering failed, otherwise false
   */
  async expand(
    data: AlertTemplateData,
    context: TemplateContext,
    observe: (hasFailed: boolean) => void,
  ): Promise<string> {
    const template = this.#parsed();
    if (template === undefined) {
      observe(false);
      return this.text;
    }
    const dot: Value = {
      Labels: stringMap(data.labels),
      ExternalLabels: stringMap(data.externalLabels),
      ExternalURL: data.externalUrl,
      Value: data.value,
    };
    try {
      const text = await template.executeAsync(dot, { functions: functionsOf(context) });
      observe(false);
      return text;
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      observe(true);
      return `<error expanding template: error executing template ${this.#name}: ${error.message}>`;
    }
  }
}
