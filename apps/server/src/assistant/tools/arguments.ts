/** A parameter of a tool. */
export interface ToolParameter {
  readonly type: "text" | "number" | "flag" | "labels";
  readonly about: string;
  readonly required?: true;
  /** Whether the log contains only the length of the value, because the value may contain secrets. */
  readonly isSecret?: true;
  /** Largest length of a text, or largest number. */
  readonly most: number;
}

export type ToolParameters = Readonly<Record<string, ToolParameter>>;

type ArgumentValue = string | number | boolean | ReadonlyMap<string, string>;

/** Values of a tool's parameters that were checked. A value is undefined if the call does not contain it. */
export class ToolArguments {
  readonly #values: ReadonlyMap<string, ArgumentValue>;

  constructor(values: ReadonlyMap<string, ArgumentValue>) {
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === "number" ? value : undefined;
  }

  isOn(name: string): boolean {
    return this.#values.get(name) === true;
  }

  labels(name: string): readonly (readonly [string, string])[] {
    const value = this.#values.get(name);
    return typeof value === "object" ? [...value] : [];
  }

  /** All values except labels, as parameters of a URL. */
  get parameters(): readonly (readonly [string, string])[] {
    return [...this.#values].flatMap(([name, value]) =>
      typeof value === "object" ? [] : [[name, String(value)] as const],
    );
  }
}

/** The arguments of a call cannot be used. The message is shown to the assistant. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";
}

const QUERY_LENGTH = 10_000;
const MAX_LABELS = 50;
/** Longest part of the arguments that is logged. */
const MAX_LOGGED = 2000;

export const text = (about: string, most = 1000): ToolParameter => ({ type: "text", about, most });
export const query = (about: string): ToolParameter => ({ type: "text", about, most: QUERY_LENGTH });
export const time = (about: string): ToolParameter => text(`${about} A time in RFC 3339 or in Unix seconds.`, 40);
export const count = (about: string, most: number): ToolParameter => ({ type: "number", about, most });
export const flag = (about: string): ToolParameter => ({ type: "flag", about, most: 1 });
export const labels = (about: string): ToolParameter => ({ type: "labels", about, most: MAX_LABELS });
export const secret = (parameter: ToolParameter): ToolParameter => ({ ...parameter, isSecret: true });
export const required = (parameter: ToolParameter): ToolParameter => ({ ...parameter, required: true });

/** Returns the JSON schema of a tool's arguments. */
export const schemaOf = (parameters: ToolParameters) => ({
  type: "object" as const,
  properties: Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, propertyOf(one)])),
  required: Object.entries(parameters).flatMap(([name, one]) => (one.required === true ? [name] : [])),
  additionalProperties: false,
});

function propertyOf({ type, about, most }: ToolParameter): object {
  if (type === "flag") return { type: "boolean", description: about };
  if (type === "number") return { type: "integer", description: about, minimum: 1, maximum: most };
  if (type === "text") return { type: "string", description: about, maxLength: most };
  return { type: "object", description: about, additionalProperties: { type: "string" }, maxProperties: most };
}

/** Returns the arguments of a call as JSON for the log, without secrets. */
export function loggedArguments(parameters: ToolParameters, given: Readonly<Record<string, unknown>>): string {
  const shownOf = ([name, value]: readonly [string, unknown]): readonly [string, unknown] =>
    Object.hasOwn(parameters, name) && parameters[name]!.isSecret === true
      ? [name, typeof value === "string" ? `${value.length} characters` : "not a text"]
      : [name, value];
  return JSON.stringify(Object.fromEntries(Object.entries(given).map(shownOf))).slice(0, MAX_LOGGED);
}

/** Checks the arguments of a call. Throws ArgumentError for the first argument that cannot be used. */
export function argumentsOf(parameters: ToolParameters, given: Readonly<Record<string, unknown>>): ToolArguments {
  const known = new Map(Object.entries(parameters));
  const found = new Map<string, ArgumentValue>();
  for (const [name, value] of Object.entries(given)) {
    const parameter = known.get(name);
    if (parameter === undefined)
      throw new ArgumentError(
        `unknown argument ${shown(name)}; the tool has ${[...known.keys()].join(", ") || "none"}`,
      );
    if (value !== undefined && value !== null) found.set(name, checked(name, value, parameter));
  }
  for (const [name, parameter] of known)
    if (parameter.required === true && !found.has(name)) throw new ArgumentError(`the argument ${name} is missing`);
  return new ToolArguments(found);
}

function checked(name: string, value: unknown, { type, most }: ToolParameter): ArgumentValue {
  if (type === "text" && typeof value === "string" && value.length <= most) return value;
  if (type === "number" && Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most) return Number(value);
  if (type === "flag" && typeof value === "boolean") return value;
  if (type === "labels" && typeof value === "object" && value !== null && !Array.isArray(value)) {
    const pairs = Object.entries(value);
    if (pairs.length <= most && pairs.every(([key, one]) => typeof one === "string" && key.length + one.length < 2000))
      return new Map(pairs as [string, string][]);
  }
  const expected = {
    text: `a text of at most ${most} characters`,
    number: `a whole number from 1 to ${most}`,
    flag: "true or false",
    labels: `an object of at most ${most} texts`,
  };
  throw new ArgumentError(`the argument ${name} is not ${expected[type]}`);
}

const shown = (name: string): string => JSON.stringify(name.slice(0, 100));
