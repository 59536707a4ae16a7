import { listOf, objectOf } from "../frame/frame-head.ts";
import { ownValue } from "../model/json.ts";
import type { JsonObject, Matcher } from "../model/field-config.ts";

/** Reads the options of a transformation. A value of a wrong type counts as absent. */
export class Options {
  private readonly json: JsonObject;
  private readonly interpolate: (text: string) => string;

  /** @param interpolate replaces the variables in texts */
  constructor(json: unknown, interpolate: (text: string) => string) {
    this.json = objectOf(json);
    this.interpolate = interpolate;
  }

  keys(): string[] {
    return Object.keys(this.json);
  }

  has(key: string): boolean {
    const value = ownValue(this.json, key);
    return value !== undefined && value !== null;
  }

  /** Returns the text of an option, with variables replaced. Undefined if it is empty or missing. */
  text(key: string): string | undefined {
    const value = ownValue(this.json, key);
    const text = typeof value === "string" ? this.interpolate(value) : "";
    return text === "" ? undefined : text;
  }

  /** Returns a finite number, or undefined. Accepts a text that begins with a number. */
  number(key: string): number | undefined {
    const value = ownValue(this.json, key);
    const number = typeof value === "string" ? Number.parseFloat(this.interpolate(value)) : value;
    return typeof number === "number" && Number.isFinite(number) ? number : undefined;
  }

  flag(key: string): boolean {
    return ownValue(this.json, key) === true;
  }

  /** Returns a boolean option, or the fallback if it is not set. */
  flagOr(key: string, fallback: boolean): boolean {
    const value = ownValue(this.json, key);
    return typeof value === "boolean" ? value : fallback;
  }

  texts(key: string): string[] {
    return listOf(ownValue(this.json, key)).flatMap((one) => (typeof one === "string" ? [this.interpolate(one)] : []));
  }

  part(key: string): Options {
    return new Options(ownValue(this.json, key), this.interpolate);
  }

  parts(key: string): Options[] {
    return listOf(ownValue(this.json, key)).map((one) => new Options(one, this.interpolate));
  }

  matcher(key: string): Matcher | undefined {
    const value = objectOf(ownValue(this.json, key));
    const id = ownValue(value, "id");
    if (typeof id !== "string") return undefined;
    return { id, options: this.interpolated(ownValue(value, "options"), 0) };
  }

  raw(key: string): unknown {
    return ownValue(this.json, key);
  }

  private interpolated(value: unknown, depth: number): unknown {
    if (typeof value === "string") return this.interpolate(value);
    if (typeof value !== "object" || value === null || depth > 8) return value;
    if (Array.isArray(value)) return value.map((one) => this.interpolated(one, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.interpolated(one, depth + 1)]));
  }
}
