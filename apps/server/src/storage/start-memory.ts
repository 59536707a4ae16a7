import { type Clock, returnMemoryOfStart } from "@narthex/runtime";

/**
 * Delay in ms between the start and the return of memory to the operating system. The return blocks the thread and
 * would slow down the first requests.
 */
const AFTER_START_MS = 1000;

/**
 * Shortly after the start, returns freed memory to the operating system. The returned function cancels the delayed
 * call.
 */
export const returnStartMemoryLater = (clock: Clock): (() => void) =>
  clock.after(AFTER_START_MS, () => void returnMemoryOfStart());
