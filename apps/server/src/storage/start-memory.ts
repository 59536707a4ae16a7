import { type Clock, returnMemoryOfStart } from "@narthex/runtime";

/** Delay in ms after the start, so that the first requests are not slowed: returning memory blocks the thread. */
const AFTER_START_MS = 1000;

/** Returns the memory of the start to the system soon after it. The returned function cancels this. */
export const returnStartMemoryLater = (clock: Clock): (() => void) =>
  clock.after(AFTER_START_MS, () => void returnMemoryOfStart());
