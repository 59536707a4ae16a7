import { setFlagsFromString } from "node:v8";

/** V8's default factor for the growth of the young generation when many objects survive. */
const YOUNG_GROWTH = 2;

/**
 * Keeps V8 from enlarging the young generation until it is disposed of; V8 then collects it more often. For work that
 * makes many objects once.
 */
export function holdSemiSpaceSize(): Disposable {
  setFlagsFromString("--semi-space-growth-factor=1");
  return { [Symbol.dispose]: () => setFlagsFromString(`--semi-space-growth-factor=${YOUNG_GROWTH}`) };
}
