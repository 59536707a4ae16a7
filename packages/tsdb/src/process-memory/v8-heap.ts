import { setFlagsFromString } from "node:v8";

/** V8's own factor by which the room for young objects grows when many of them survive. */
const YOUNG_GROWTH = 2;

/**
 * Until it is disposed of, V8 does not give young objects more room: it collects them more often instead. For work that
 * makes many objects once.
 */
export function holdSemiSpaceSize(): Disposable {
  setFlagsFromString("--semi-space-growth-factor=1");
  return { [Symbol.dispose]: () => setFlagsFromString(`--semi-space-growth-factor=${YOUNG_GROWTH}`) };
}
