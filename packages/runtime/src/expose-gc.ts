import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Amount and kind of a collection. By default V8 collects everything and stops the thread meanwhile. */
interface CollectionOptions {
  readonly type: "major";
  readonly execution: "sync" | "async";
  /** "last-resort" keeps no spare memory, and collects several times. */
  readonly flavor: "last-resort" | "regular";
}

/** Collects garbage. Unless the collection is synchronous, the promise resolves when it is done. */
export type Collect = (options?: CollectionOptions) => Promise<void> | undefined;

/**
 * Returns V8's garbage collection function, whatever flags the process was started with, or undefined if this V8 does
 * not provide it.
 */
export function exposeGc(): Collect | undefined {
  // The flag affects only contexts created later.
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  // Cached compiled code is valid only for the same flags, so the original flags are restored.
  setFlagsFromString("--no-expose-gc");
  return typeof collect === "function" ? (collect as Collect) : undefined;
}
