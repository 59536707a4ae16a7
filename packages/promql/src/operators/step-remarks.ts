import type { Annotations } from "../annotations.ts";
import type { Position } from "../syntax/ast.ts";
import type { ElementRemark } from "./element.ts";

/** Of the remarks on the elements of a step, Prometheus passes on the last one only. */
export class StepRemarks {
  #last: (ElementRemark | undefined)[] | undefined;
  readonly #steps: number;

  constructor(steps: number) {
    this.#steps = steps;
  }

  add(step: number, remark: ElementRemark): void {
    (this.#last ??= Array.from<ElementRemark | undefined>({ length: this.#steps }))[step] = remark;
  }

  /** Hands them over; to be called once all elements were seen. */
  flush(annotations: Annotations, position: Position): void {
    for (const remark of this.#last ?? []) {
      if (remark?.severity === "warning") annotations.warn(remark.text, position, "itself");
      else if (remark !== undefined) annotations.info(remark.text, position, "itself");
    }
    this.#last = undefined;
  }
}
