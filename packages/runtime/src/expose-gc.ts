import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How much is to be collected, and how; V8 collects everything by default, and stops the thread for it. */
export interface CollectionOptions {
  readonly type: "major";
  readonly execution: "sync" | "async";
  /** The last resort keeps no room for what may come, and collects several times over. */
  readonly flavor: "last-resort" | "regular";
}

/** Collects; the promise of one that is not asked to be sync resolves when it is done. */
export type Collect = (options?: CollectionOptions) => Promise<void> | undefined;

/** V8's own collection, whatever flags the process was started with, or undefined if this V8 has no such way in. */
export function exposeGc(): Collect | undefined {
  // The flag affects contexts made later alone.
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  // Compiled code is kept for processes of the same flags: they are again what they were at the start.
  setFlagsFromString("--no-expose-gc");
  return typeof collect === "function" ? (collect as Collect) : undefined;
}
