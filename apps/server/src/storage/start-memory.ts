import { type Clock, returnMemoryOfStart } from "@narthex/runtime";

/**
 * Delay in ms after the start before memory is returned. Returning it blocks the thread and would slow down the first
 * requests.
 */
const AFTER_START_MS = 1000;

/**
 * Returns the memory that the start has used to the system, shortly after the start. The returned function cancels
 * this.
 */
export const returnStartMemoryLater = (clock: Clock): (() => void) =>
  clock.after(AFTER_START_MS, () => void returnMemoryOfStart());
