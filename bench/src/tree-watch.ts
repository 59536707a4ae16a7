import type { Program } from "./program.ts";

const EVERY_MS = 500;

/** Looks at the memory of a program and its descendants twice a second; kills it when that is over a bound. */
export class TreeWatch implements Disposable {
  /** The most that was resident at a look. */
  peakBytes = 0;
  /** What was resident at each look. */
  readonly looks: number[] = [];
  killed = false;
  readonly #timer: NodeJS.Timeout;

  /** @param boundBytes so that a program which grows and grows does not take the machine with it */
  constructor(program: Program, boundBytes = Infinity) {
    const look = (): void => {
      const { residentBytes } = program.tree();
      this.looks.push(residentBytes);
      this.peakBytes = Math.max(this.peakBytes, residentBytes);
      if (residentBytes > boundBytes) {
        this.killed = true;
        program.kill();
      }
    };
    look();
    this.#timer = setInterval(look, EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
