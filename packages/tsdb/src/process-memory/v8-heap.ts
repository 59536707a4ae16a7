import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How much is to be collected; V8 collects everything by default. */
export interface CollectionOptions {
  readonly type: "major";
  readonly execution: "sync";
  /** The last resort keeps no room for what may come. */
  readonly flavor: "last-resort";
}

/** V8's own collection, whatever flags the process was started with; undefined where this V8 has no such way in. */
export function exposeGc(): ((options?: CollectionOptions) => void) | undefined {
  // The flag affects contexts made later alone.
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  setFlagsFromString("--no-expose-gc");
  return typeof collect === "function" ? (collect as (options?: CollectionOptions) => void) : undefined;
}

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
