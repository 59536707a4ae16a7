import {
  alertmanagerFunctions,
  DEFAULT_LIMITS,
  FunctionError,
  type FunctionTable,
  type GoStruct,
  parseTemplate,
  type RenderLimits,
  type Template,
  templateFunction,
  TemplateError,
} from "@narthex/template";
import { notificationValue, type Notification } from "@narthex/notification";
import { DEFAULT_EMAIL } from "./default-email.ts";
import { DEFAULT_TEMPLATES } from "./default-templates.ts";

/**
 * Renders templates that may use the named templates of a configuration: the built-in templates and the templates in
 * the configuration's files.
 */
export class Renderer {
  readonly #base: Template;

  private constructor(base: Template) {
    this.#base = base;
  }

  /**
   * Parses template files after the built-in templates. A later definition of a template replaces an earlier one.
   * Throws TemplateError if a file is invalid.
   */
  static load(files: readonly { readonly name: string; readonly text: string }[], now: () => number): Renderer {
    let base = parse("default.tmpl", DEFAULT_TEMPLATES, { functions: { ...alertmanagerFunctions(now), ...NO_ROUTE } });
    base = parse("email.tmpl", DEFAULT_EMAIL, { within: base });
    for (const { name, text } of files) base = parse(name, text, { within: base });
    return new Renderer(base);
  }

  /** Returns a renderer for the fields of one notification. Each field is rendered within `limits`. */
  for(notification: Notification, limits?: RenderLimits): Rendering {
    return new Rendering(this.#base, notification, limits);
  }

  /** Renders one template with the named templates and any root value. Throws TemplateError if the template fails. */
  render(template: string, data: GoStruct, html: boolean): string {
    return parse("", template, { within: this.#base }).execute(data, { html });
  }
}

/** The template function `routeLabels` for templates outside a notification, in which there is no route. */
const NO_ROUTE: FunctionTable = { routeLabels: templateFunction(["string"], () => "") };

function parse(name: string, text: string, options: Parameters<typeof parseTemplate>[2]): Template {
  const parsed = parseTemplate(name, text, options);
  if (!parsed.ok) throw parsed.error;
  return parsed.template;
}

export class Rendering {
  readonly #base: Template;
  readonly #notification: Notification;
  readonly #limits: RenderLimits;
  readonly #functions: FunctionTable;
  readonly #open: string[] = [];
  #data: GoStruct | undefined;

  constructor(base: Template, notification: Notification, limits: RenderLimits = DEFAULT_LIMITS) {
    this.#base = base;
    this.#notification = notification;
    this.#limits = limits;
    this.#functions = { routeLabels: templateFunction(["string"], (name) => this.#routeLabel(name)) };
  }

  /** The value of `.` in the templates. Contains the labels that the route sets. */
  get data(): GoStruct {
    this.#data ??= notificationValue(this.#notification, this.#routeLabels());
    return this.#data;
  }

  with(notification: Notification): Rendering {
    return new Rendering(this.#base, notification, this.#limits);
  }

  /** Renders a field's template as text. Throws TemplateError if it fails. */
  text(template: string): string {
    return this.#render(template, this.data, false);
  }

  /** Renders a field's template as HTML with escaped values. Throws TemplateError if it fails. */
  html(template: string): string {
    return this.#render(template, this.data, true);
  }

  #render(template: string, data: GoStruct, html: boolean): string {
    // Fast path: URLs, channels and tokens usually contain no template. HTML is always rendered, because rendering
    // removes HTML comments.
    if (template === "" || (!html && !template.includes("{{"))) return template;
    const parsed = parse("", template, { within: this.#base });
    return parsed.execute(data, { html, functions: this.#functions, limits: this.#limits });
  }

  #routeLabels(): Record<string, string> {
    const names = [...this.#notification.routeLabels.keys()];
    return Object.fromEntries(names.map((name) => [name, this.#routeLabel(name)]));
  }

  /**
   * Renders the template of a label that the route sets. The template may use other labels that the route sets, but not
   * the label itself.
   */
  #routeLabel(name: string): string {
    const template = this.#notification.routeLabels.get(name);
    if (template === undefined) return "";
    if (this.#open.includes(name)) {
      throw new FunctionError(`route label cycle detected: ${[...this.#open, name].join(" -> ")}`);
    }
    this.#open.push(name);
    try {
      return this.#render(template, notificationValue(this.#notification, {}), false);
    } finally {
      this.#open.pop();
    }
  }
}

export const isTemplateFault = (error: unknown): error is TemplateError => error instanceof TemplateError;
