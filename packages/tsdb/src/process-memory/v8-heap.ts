import { setFlagsFromString } from "node:v8";

/** V8's default factor by which the young generation (memory for new objects) grows if many objects survive. */
const YOUNG_GROWTH = 2;

/**
 * Prevents V8 from enlarging the young generation (memory for new objects) until the result is disposed of. V8 then
 * collects garbage more often. Used for work that creates many objects once.
 */
export function holdSemiSpaceSize(): Disposable {
  setFlagsFromString("--semi-space-growth-factor=1");
  return { [Symbol.dispose]: () => setFlagsFromString(`--semi-space-growth-factor=${YOUNG_GROWTH}`) };
}
