import type { EngineClock } from "./deadline.ts";

/** Maximum delay of a timer in ms. With a longer one, browsers and Node would run the timer at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** A clock that uses only functions that browsers and Node have in common. */
export const browserClock: EngineClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, MAX_DELAY_MS));
    return () => clearTimeout(timer);
  },
};
