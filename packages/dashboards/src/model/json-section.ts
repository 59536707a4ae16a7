import { type Findings, quoted } from "./findings.ts";
import { isObject, joinPath, type MutableJson, numberOf, ownValue } from "./json.ts";

/**
 * Reads values of an object in a dashboard's JSON. A value of a wrong type is replaced by the default and reported as a
 * problem with its path.
 */
export class JsonSection {
  readonly json: Readonly<MutableJson>;
  readonly findings: Findings;
  readonly #parent: JsonSection | undefined;
  readonly #key: string;
  readonly #index: number;

  /**
   * Creates the section under a key of a parent, or at an index of the list under that key. Without a parent, the
   * section is the dashboard itself.
   */
  constructor(json: Readonly<MutableJson>, findings: Findings, parent?: JsonSection, key = "", index = -1) {
    this.json = json;
    this.findings = findings;
    this.#parent = parent;
    this.#key = key;
    this.#index = index;
  }

  /** Path of the section: `panels[3].targets[0]`. Computed on demand, because most sections have no problem. */
  get path(): string {
    if (this.#parent === undefined) return "";
    const path = joinPath(this.#parent.path, this.#key);
    return this.#index < 0 ? path : `${path}[${this.#index}]`;
  }

  /** Returns the text under a key. A number or boolean is converted to text without a problem, as in Grafana. */
  text(key: string, fallback = ""): string {
    return this.textIfAny(key) ?? fallback;
  }

  textIfAny(key: string): string | undefined {
    const value = this.#value(key);
    if (value === undefined || typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return this.#refuse(key, value, "text");
  }

  number(key: string, fallback: number): number {
    return this.numberIfAny(key) ?? fallback;
  }

  /**
   * Returns the finite number under a key; undefined for any other value. A text that contains a number is accepted.
   */
  numberIfAny(key: string): number | undefined {
    const value = this.#value(key);
    if (value === undefined || value === "") return undefined;
    return numberOf(value) ?? this.#refuse(key, value, "a number");
  }

  boolean(key: string, fallback = false): boolean {
    const value = this.#value(key);
    if (value === undefined) return fallback;
    if (typeof value === "boolean") return value;
    if (value === "true" || value === 1) return true;
    if (value === "false" || value === 0 || value === "") return false;
    return this.#refuse(key, value, "true or false") ?? fallback;
  }

  /**
   * Returns the value under a key if it is one of the allowed words. Otherwise returns the fallback and reports a
   * problem.
   */
  choice<Word extends string>(key: string, words: readonly Word[], fallback: Word): Word {
    const value = this.#value(key);
    if (value === undefined || value === "") return fallback;
    const word = words.find((candidate) => candidate === value);
    return word ?? this.#refuse(key, value, `one of ${words.map((each) => `"${each}"`).join(", ")}`) ?? fallback;
  }

  /** Returns the section under a key, or an empty one if it is missing. */
  section(key: string): JsonSection {
    return this.sectionIfAny(key) ?? new JsonSection({}, this.findings, this, key);
  }

  sectionIfAny(key: string): JsonSection | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (isObject(value)) return new JsonSection(value, this.findings, this, key);
    return this.#refuse(key, value, "an object");
  }

  /** Returns the objects in the list under a key. Other entries are left out and reported as problems. */
  sections(key: string): JsonSection[] {
    const found: JsonSection[] = [];
    this.list(key).forEach((item, i) => {
      const section = new JsonSection(isObject(item) ? item : {}, this.findings, this, key, i);
      if (isObject(item)) found.push(section);
      else
        this.findings.problem(section.path, `An object is expected here, not ${quoted(item)}; the entry is left out.`);
    });
    return found;
  }

  list(key: string): readonly unknown[] {
    const value = this.#value(key);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.#refuse(key, value, "a list");
    return [];
  }

  /** Returns the texts in the list under a key. Numbers are converted to text. */
  texts(key: string): string[] {
    return this.list(key)
      .filter((item) => typeof item === "string" || typeof item === "number")
      .map(String);
  }

  /** Returns the object under a key unchanged, or an empty object. */
  object(key: string): Readonly<MutableJson> {
    return this.section(key).json;
  }

  #value(key: string): unknown {
    const value = ownValue(this.json, key);
    return value === null ? undefined : value;
  }

  #refuse(key: string, value: unknown, wanted: string): undefined {
    this.findings.problem(
      joinPath(this.path, key),
      `The value must be ${wanted}, not ${quoted(value)}; the default is used.`,
    );
    return undefined;
  }
}
