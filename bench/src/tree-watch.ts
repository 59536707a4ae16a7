import type { Program } from "./program.ts";

const EVERY_MS = 500;

/**
 * Measures the memory of a program and its descendants twice a second. Kills the program if the memory exceeds a limit.
 */
export class TreeWatch implements Disposable {
  peakBytes = 0;
  /** Resident memory in bytes at each measurement. */
  readonly memory: number[] = [];
  killed = false;
  readonly #timer: NodeJS.Timeout;

  /** @param boundBytes limit that protects the machine from a program that grows without end */
  constructor(program: Program, boundBytes = Infinity) {
    const measure = (): void => {
      const { residentBytes } = program.tree();
      this.memory.push(residentBytes);
      this.peakBytes = Math.max(this.peakBytes, residentBytes);
      if (residentBytes > boundBytes) {
        this.killed = true;
        program.kill();
      }
    };
    measure();
    this.#timer = setInterval(measure, EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
