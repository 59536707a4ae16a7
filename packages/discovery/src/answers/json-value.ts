import { quote } from "@narthex/model";
import { type Clock, jsonProblem, parseJsonInTurns } from "@narthex/runtime";
import { AnswerError } from "./answer-error.ts";

/** Maximum number of items of a list, because each item needs more memory than its text. */
const MAX_ITEMS = 1_000_000;

/**
 * A value in the JSON answer of a service. Reads fields with their expected types, as Go's decoder does: a field that is
 * missing or null has the zero value, and a field of another type is an error that names its place.
 */
export class JsonValue {
  readonly #value: unknown;
  /** Place of the value in the answer, for errors: `servers[3].image`. */
  readonly #place: string;

  private constructor(value: unknown, place: string) {
    this.#value = value;
    this.#place = place;
  }

  /** Parses an answer without blocking the event loop. Rejects with AnswerError if the text is not JSON. */
  static async parse(text: string, clock: Clock): Promise<JsonValue> {
    try {
      return new JsonValue(await parseJsonInTurns(clock, text), "");
    } catch (cause) {
      throw new AnswerError(`answer is not JSON: ${jsonProblem(cause)}`);
    }
  }

  /** Returns the value for JSON that was already parsed. */
  static of(value: unknown): JsonValue {
    return new JsonValue(value, "");
  }

  /** Whether the value is missing or null. */
  get isNull(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  /** Returns a field of an object. Throws if this value is not an object. */
  field(name: string): JsonValue {
    const object = this.#object();
    return new JsonValue(
      Object.hasOwn(object, name) ? object[name] : undefined,
      this.#place === "" ? name : `${this.#place}.${name}`,
    );
  }

  /** Returns the value behind several names, one within the other. */
  at(...names: readonly string[]): JsonValue {
    return names.reduce<JsonValue>((value, name) => value.field(name), this);
  }

  /** Returns a text field, or "" if the field is missing or null. */
  text(name: string): string {
    return this.field(name).asText();
  }

  /** Returns an integer field in decimal digits, or "0" if the field is missing or null. */
  integer(name: string): string {
    return this.field(name).asInteger();
  }

  /** Returns a number field, or 0 if the field is missing or null. */
  number(name: string): number {
    return this.field(name).asNumber();
  }

  /** Returns a boolean field, or false if the field is missing or null. */
  flag(name: string): boolean {
    return this.field(name).asFlag();
  }

  /** Returns the items of a list field, or none if the field is missing or null. */
  list(name: string): readonly JsonValue[] {
    return this.field(name).items();
  }

  /** Returns the texts of a list field, or none if the field is missing or null. */
  texts(name: string): readonly string[] {
    return this.list(name).map((item) => item.asText());
  }

  asText(): string {
    if (this.isNull) return "";
    return typeof this.#value === "string" ? this.#value : this.#mismatch("string");
  }

  asNumber(): number {
    if (this.isNull) return 0;
    return typeof this.#value === "number" ? this.#value : this.#mismatch("number");
  }

  asInteger(): string {
    const number = this.asNumber();
    return Number.isInteger(number) ? BigInt(number).toString() : this.#mismatch("integer");
  }

  asFlag(): boolean {
    if (this.isNull) return false;
    return typeof this.#value === "boolean" ? this.#value : this.#mismatch("bool");
  }

  /** Returns the items of a list, or none if the value is missing or null. */
  items(): readonly JsonValue[] {
    if (this.isNull) return [];
    if (!Array.isArray(this.#value)) return this.#mismatch("array");
    if (this.#value.length > MAX_ITEMS)
      throw new AnswerError(`the list ${this.#place} of the answer has more than ${MAX_ITEMS} items`);
    return this.#value.map((item: unknown, i) => new JsonValue(item, `${this.#place}[${i}]`));
  }

  /** Returns the fields of an object, or none if the value is missing or null. */
  entries(): readonly (readonly [name: string, value: JsonValue])[] {
    const place = this.#place === "" ? "" : `${this.#place}.`;
    return Object.entries(this.#object()).map(([name, value]) => [name, new JsonValue(value, place + name)] as const);
  }

  /** Returns an object whose fields are texts, such as labels and tags. Null counts as "". */
  textsByName(name: string): Readonly<Record<string, string>> {
    const found: [string, string][] = this.field(name)
      .entries()
      .map(([key, value]) => [key, value.asText()]);
    return Object.fromEntries(found);
  }

  /** Returns the plain value, for fields whose type is not fixed. */
  plain(): unknown {
    return this.#value;
  }

  #object(): Readonly<Record<string, unknown>> {
    if (this.isNull) return {};
    if (typeof this.#value !== "object" || Array.isArray(this.#value)) return this.#mismatch("object");
    return this.#value as Readonly<Record<string, unknown>>;
  }

  #mismatch(wanted: string): never {
    const value = this.#value;
    const kind = typeof value === "boolean" ? "bool" : Array.isArray(value) ? "array" : typeof value;
    const place = this.#place === "" ? "the answer" : `field ${quote(this.#place)} of the answer`;
    throw new AnswerError(`${place} is of type ${kind}, but ${wanted} is expected`);
  }
}
