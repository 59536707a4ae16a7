import { HandlerError } from "@narthex/alerting";

/** Reads members of the JSON object in a request's body by type; every method throws HandlerError. */
export class RequestMembers {
  readonly #members: Readonly<Record<string, unknown>>;

  private constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members;
  }

  /** @param known names of allowed members; an unknown name is an error, since it is probably misspelt */
  static read(text: string, known: readonly string[]): RequestMembers {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (cause) {
      throw new HandlerError(400, `the body is no JSON: ${(cause as Error).message}`);
    }
    if (typeof body !== "object" || body === null || Array.isArray(body)) {
      throw new HandlerError(400, "the body must be a JSON object");
    }
    const unknown = Object.keys(body).find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new HandlerError(400, `unknown member ${JSON.stringify(unknown)}; known are ${known.join(", ")}`);
    }
    return new RequestMembers(body as Record<string, unknown>);
  }

  /** Returns the value unchanged; undefined if it is missing. */
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
      throw new HandlerError(400, `${name} must be a whole number from 0 on`);
    }
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.get(name);
    if (value !== undefined && typeof value !== "boolean") throw new HandlerError(400, `${name} must be true or false`);
    return value;
  }

  /** Returns an object of strings. */
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
