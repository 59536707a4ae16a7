import { type Clock, returnMemoryOfStart } from "@narthex/runtime";

/** Who waits for the server to be ready comes first: the thread stands still meanwhile. */
const AFTER_START_MS = 1000;

/** What the start needed goes back to the system soon after; returns how to take that back. */
export const returnStartMemoryLater = (clock: Clock): (() => void) =>
  clock.after(AFTER_START_MS, () => void returnMemoryOfStart());
