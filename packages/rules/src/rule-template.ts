import type { Labels } from "@narthex/model";
import {
  parseTemplate,
  type TemplateContext,
  prometheusFunctions,
  stringMap,
  type Template,
  TemplateError,
  type Value,
} from "@narthex/template";

/** Defines the short names alert templates use. */
const PRELUDE =
  "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}";

const emptyContext: TemplateContext = { time: 0, externalUrl: "http://localhost", query: () => [] };

/** Function names are known at parse time; each run brings functions bound to its own time. */
const functions = prometheusFunctions(emptyContext);

const { query: _query, ...functionsWithoutQuery } = functions;

function parse(name: string, text: string): ReturnType<typeof parseTemplate> {
  return parseTemplate(name, PRELUDE + text, { functions });
}

/** Returns whether the template text calls `query`, so that it may read any series. */
export const templateQueries = (text: string): boolean =>
  text.includes("{{") &&
  text.includes("query") &&
  !parseTemplate("", PRELUDE + text, { functions: functionsWithoutQuery }).ok;

/** Why a template text does not parse; undefined when it does. */
export function checkTemplate(name: string, text: string): string | undefined {
  const parsed = parse(name, text);
  return parsed.ok ? undefined : parsed.error.message;
}

/** What one alert's templates see. */
export interface AlertTemplateData {
  readonly labels: Labels;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  /** The element's value: a number or a histogram. */
  readonly value: Value;
}

/** A label or annotation text, parsed once. */
export class RuleTemplate {
  readonly text: string;
  readonly #name: string;
  /** undefined for a text without actions. */
  readonly #template: Template | undefined;

  constructor(alert: string, text: string) {
    this.text = text;
    this.#name = `__alert_${alert}`;
    const parsed = text.includes("{{") ? parse(this.#name, text) : undefined;
    this.#template = parsed?.ok === true ? parsed.template : undefined;
  }

  /**
   * Renders for one alert; an error becomes upstream's `<error expanding template: …>` text, as it must not stop the alert.
   *
   * @param observe told whether that was so
   */
  async expand(
    data: AlertTemplateData,
    context: TemplateContext,
    observe: (hasFailed: boolean) => void,
  ): Promise<string> {
    if (this.#template === undefined) {
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
      const text = await this.#template.executeAsync(dot, { functions: prometheusFunctions(context) });
      observe(false);
      return text;
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      observe(true);
      return `<error expanding template: error executing template ${this.#name}: ${error.message}>`;
    }
  }
}
