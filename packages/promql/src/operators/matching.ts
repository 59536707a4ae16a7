import { type Labels, METRIC_NAME } from "@narthex/model";
import type { VectorMatching } from "../syntax/ast.ts";

/** The labels two elements are matched by. */
export function matchLabels(labels: Labels, { on, labels: names }: Pick<VectorMatching, "on" | "labels">): Labels {
  if (on) return labels.filter((name) => names.includes(name));
  return labels.filter((name) => name !== METRIC_NAME && !names.includes(name));
}

/** Numbers the match groups of both sides alike. */
export class Signatures {
  readonly #byKey = new Map<string, number>();
  readonly #matching: Pick<VectorMatching, "on" | "labels">;

  constructor(matching: Pick<VectorMatching, "on" | "labels">) {
    this.#matching = matching;
  }

  get count(): number {
    return this.#byKey.size;
  }

  of(labels: Labels): number {
    const { key } = matchLabels(labels, this.#matching);
    let number = this.#byKey.get(key);
    if (number === undefined) {
      number = this.#byKey.size;
      this.#byKey.set(key, number);
    }
    return number;
  }
}
