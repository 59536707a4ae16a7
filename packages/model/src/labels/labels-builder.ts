import { Labels } from "./labels.ts";
import { compareBytewise } from "../strings.ts";

/** Maximum number of labels that get() and set() search one by one. Larger label sets have an index by name. */
const MAX_SCANNED = 32;

/**
 * A label set that is being changed. As in Prometheus, new labels come after existing labels, because the result of
 * rules that copy several labels to one name depends on the order.
 */
export class LabelsBuilder {
  #base: Labels = Labels.EMPTY;
  /** Names of the original labels, followed by the names of added labels. */
  readonly #names: string[] = [];
  /** Value of each name; an empty value means that the label was removed. */
  readonly #values: string[] = [];
  /** Position of each label by name. Undefined while the label set is small, and before its first search. */
  #index: Map<string, number> | undefined;
  #changed = false;

  constructor(base: Labels = Labels.EMPTY) {
    this.reset(base);
  }

  /** Discards all changes and starts with another label set. */
  reset(base: Labels): this {
    const { pairs } = base;
    const size = pairs.length / 2;
    this.#base = base;
    this.#names.length = this.#values.length = size;
    for (let i = 0; i < size; i++) {
      this.#names[i] = pairs[2 * i]!;
      this.#values[i] = pairs[2 * i + 1]!;
    }
    this.#index = undefined;
    this.#changed = false;
    return this;
  }

  /** Returns the value of a label, or "" if it is absent. */
  get(name: string): string {
    const at = this.#find(name);
    return at < 0 ? "" : this.#values[at]!;
  }

  /** Sets a label; an empty value removes it. */
  set(name: string, value: string): void {
    const at = this.#find(name);
    if (at < 0 && value === "") return;
    this.#changed = true;
    if (at >= this.#base.size && value !== "") {
      this.#values[at] = value;
      return;
    }
    if (at >= 0) this.#remove(at);
    if (value === "") return;
    this.#index?.set(name, this.#names.length);
    this.#names.push(name);
    this.#values.push(value);
  }

  /** Calls a function for each label. The function must not change the labels. */
  forEach(visit: (name: string, value: string) => void): void {
    for (let i = 0; i < this.#names.length; i++) {
      if (this.#values[i] !== "") visit(this.#names[i]!, this.#values[i]!);
    }
  }

  /** Removes all labels whose names `accepts` does not accept. */
  keep(accepts: (name: string) => boolean): void {
    for (let i = 0; i < this.#names.length; i++) {
      if (this.#values[i] === "" || accepts(this.#names[i]!)) continue;
      this.#remove(i);
      this.#changed = true;
    }
  }

  /** Returns the changed labels, or the original label set if no label was changed. */
  labels(): Labels {
    if (!this.#changed) return this.#base;
    const size = this.#base.size;
    const added: number[] = [];
    for (let i = size; i < this.#names.length; i++) if (this.#values[i] !== "") added.push(i);
    added.sort((a, b) => compareBytewise(this.#names[a]!, this.#names[b]!));
    const pairs: string[] = [];
    let next = 0;
    for (let i = 0; i < size; i++) {
      if (this.#values[i] === "") continue;
      const name = this.#names[i]!;
      for (; next < added.length && compareBytewise(this.#names[added[next]!]!, name) < 0; next++) {
        pairs.push(this.#names[added[next]!]!, this.#values[added[next]!]!);
      }
      pairs.push(name, this.#values[i]!);
    }
    for (; next < added.length; next++) pairs.push(this.#names[added[next]!]!, this.#values[added[next]!]!);
    return Labels.fromSortedPairs(pairs);
  }

  #remove(at: number): void {
    this.#values[at] = "";
    this.#index?.delete(this.#names[at]!);
  }

  #find(name: string): number {
    if (this.#names.length > MAX_SCANNED) return (this.#index ??= this.#indexed()).get(name) ?? -1;
    for (let i = this.#names.length - 1; i >= 0; i--) {
      if (this.#names[i] === name && this.#values[i] !== "") return i;
    }
    return -1;
  }

  #indexed(): Map<string, number> {
    const index = new Map<string, number>();
    for (const [i, name] of this.#names.entries()) if (this.#values[i] !== "") index.set(name, i);
    return index;
  }
}
