import { HandlerError } from "@narthex/alerting";

/** The members of the JSON object in a request's body. Methods check their types and throw HandlerError. */
export class RequestMembers {
  readonly #members: Readonly<Record<string, unknown>>;

  private constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members;
  }

  /**
   * Parses a request body as a JSON object. Throws HandlerError if the text is not a JSON object or has an unknown
   * property.
   * @param known names of allowed members; any other name is an error, because it is probably misspelt
   */
  static read(text: string, known: readonly string[]): RequestMembers {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (cause) {
      throw new HandlerError(400, `the body is not JSON: ${(cause as Error).message}`);
    }
    return RequestMembers.of(body, known, "the body");
  }

  /**
   * Takes the members of a JSON object. Throws HandlerError if the value is not an object or has an unknown property.
   * @param what the value, for errors
   */
  static of(body: unknown, known: readonly string[], what = "the value"): RequestMembers {
    if (typeof body !== "object" || body === null || Array.isArray(body)) {
      throw new HandlerError(400, `${what} must be a JSON object`);
    }
    const unknown = Object.keys(body).find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new HandlerError(400, `unknown member ${JSON.stringify(unknown)}; known are ${known.join(", ")}`);
    }
    return new RequestMembers(body as Record<string, unknown>);
  }

  /** Returns the value of the property `name`, or undefined if the property is missing. */
  get(name: string): unknown {
    return this.#members[name] ?? undefined;
  }

  text(name: string): string {
    const value = this.get(name) ?? "";
    if (typeof value !== "string") throw new HandlerError(400, `${name} must be a string`);
    return value;
  }

  index(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
      throw new HandlerError(400, `${name} must be a whole number, 0 or more`);
    }
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.get(name);
    if (value !== undefined && typeof value !== "boolean") throw new HandlerError(400, `${name} must be true or false`);
    return value;
  }

  /**
   * Returns the property `name` as an object with string values. Returns an empty object if the property is missing.
   */
  texts(name: string): Readonly<Record<string, string>> {
    const value = this.get(name) ?? {};
    if (
      typeof value !== "object" ||
      Array.isArray(value) ||
      !Object.values(value).every((each) => typeof each === "string")
    ) {
      throw new HandlerError(400, `${name} must be an object of strings`);
    }
    return value as Record<string, string>;
  }
}
