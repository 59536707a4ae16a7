import type { Annotations } from "../annotations.ts";
import type { Position } from "../syntax/ast.ts";
import type { ElementAnnotation } from "./element.ts";

/**
 * Warnings and infos about elements. As in Prometheus, only the last warning or info at each evaluation time counts.
 */
export class StepAnnotations {
  #last: (ElementAnnotation | undefined)[] | undefined;
  #ranks: Int32Array | undefined;
  readonly #steps: number;

  constructor(steps: number) {
    this.#steps = steps;
  }

  /**
   * Records a warning or info for an evaluation time.
   * @param rank position of the element among those of its time, if elements are not processed in order
   */
  add(step: number, annotation: ElementAnnotation, rank = 0): void {
    const last = (this.#last ??= Array.from<ElementAnnotation | undefined>({ length: this.#steps }));
    const ranks = (this.#ranks ??= new Int32Array(this.#steps));
    if (last[step] !== undefined && ranks[step]! > rank) return;
    last[step] = annotation;
    ranks[step] = rank;
  }

  /**
   * Adds the recorded warnings and infos to the warnings and infos of the query. Must be called after all elements were
   * processed.
   */
  flush(annotations: Annotations, position: Position): void {
    for (const annotation of this.#last ?? []) {
      if (annotation?.severity === "warning") annotations.warn(annotation.text, position, "itself");
      else if (annotation !== undefined) annotations.info(annotation.text, position, "itself");
    }
    this.#last = undefined;
  }
}
