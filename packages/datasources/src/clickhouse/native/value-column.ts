import type { Field, NumericField } from "@narthex/dashboards";
import type { FieldSource } from "../../sql/result-columns.ts";
import type { Value, ValueKind } from "./plain-columns.ts";

const FIRST_ROWS = 1024;

/** Collects the values of a column from all blocks, so that little work remains at the end. */
export class ValueColumn implements FieldSource {
  readonly #name: string;
  readonly #kind: ValueKind;
  /** Whether the values are in the arrays of numbers. Otherwise they are in the list. */
  readonly #isNumeric: boolean;
  #numbers = new Float64Array(0);
  #nulls = new Uint8Array(0);
  #list: Value[] = [];
  #length = 0;
  #hasNulls = false;
  /** Whether whole numbers are kept in the list, because one of them is so large that it is a text. */
  #hasTexts = false;

  constructor(name: string, kind: ValueKind) {
    this.#name = name;
    this.#kind = kind;
    this.#isNumeric = kind === "number" || kind === "integer" || kind === "time";
  }

  /** Adds the values between two indexes. */
  push(values: readonly Value[], from = 0, to = values.length): void {
    if (this.#isNumeric && !this.#hasTexts) this.#reserve(this.#length + to - from);
    for (let at = from; at < to; at++) {
      const value = values[at]!;
      if (!this.#isNumeric || this.#hasTexts) this.#list.push(this.#isNumeric ? textOf(value) : value);
      else if (typeof value === "number") this.#numbers[this.#length] = value;
      else if (typeof value === "string" && this.#kind === "integer") this.#beginTexts(value);
      else {
        this.#nulls[this.#length] = 1;
        this.#hasNulls = true;
      }
      this.#length++;
    }
  }

  takeField(roundsLargeNumbers = false): Field {
    const named = { name: this.#name, config: {} };
    if (this.#hasTexts) {
      const texts = this.#list as (string | null)[];
      return roundsLargeNumbers ? { ...named, ...numbersOf(texts) } : { ...named, type: "string", values: texts };
    }
    if (!this.#isNumeric) return { ...named, type: this.#kind, values: this.#list } as unknown as Field;
    const values = this.#numbers.slice(0, this.#length);
    const type = this.#kind === "time" ? "time" : "number";
    return { ...named, type, values, ...(this.#hasNulls && { nulls: this.#nulls.slice(0, this.#length) }) };
  }

  /** Makes texts of the numbers before the first one that a number of JavaScript would change. */
  #beginTexts(value: string): void {
    this.#hasTexts = true;
    for (let row = 0; row < this.#length; row++)
      this.#list.push(this.#nulls[row] === 1 ? null : String(this.#numbers[row]));
    this.#list.push(value);
  }

  #reserve(length: number): void {
    if (length <= this.#numbers.length) return;
    const size = Math.max(length, 2 * this.#numbers.length, FIRST_ROWS);
    const [numbers, nulls] = [new Float64Array(size), new Uint8Array(size)];
    numbers.set(this.#numbers);
    nulls.set(this.#nulls);
    [this.#numbers, this.#nulls] = [numbers, nulls];
  }
}

/** Returns the numbers that are nearest to whole numbers in texts. */
const numbersOf = (texts: readonly (string | null)[]): Pick<NumericField, "type" | "values" | "nulls"> => ({
  type: "number",
  values: Float64Array.from(texts, Number),
  ...(texts.includes(null) && { nulls: Uint8Array.from(texts, (text) => (text === null ? 1 : 0)) }),
});

const textOf = (value: Value): string | null =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
