import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Returns free pages in the middle of malloc's heaps to the system; where there is none, nothing is done. */
type Trim = () => void;

let trim: Promise<Trim> | undefined;

/**
 * Gives memory that buffers needed for a while back to the system: glibc keeps it for later otherwise, and what a start
 * or a compaction took would count as ours for good. Takes a few milliseconds.
 */
export async function returnFreedMemory(): Promise<void> {
  (await (trim ??= loadTrim()))();
}

/**
 * The same for a start, after which the process needs much less than before: V8 too gives up the room for short-lived
 * objects that it has grown meanwhile, which it does in a full collection only. Stops the thread for 20 ms to 100 ms.
 */
export async function returnMemoryOfStart(): Promise<void> {
  collectAll();
  await returnFreedMemory();
}

function collectAll(): void {
  // The only way in to V8's collector; the flag affects contexts made later alone.
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  setFlagsFromString("--no-expose-gc");
  // The last resort keeps no room for what may come.
  if (typeof collect === "function") collect({ type: "major", execution: "sync", flavor: "last-resort" });
}

async function loadTrim(): Promise<Trim> {
  if (process.platform !== "linux") return () => {};
  try {
    const { default: koffi } = await import("koffi");
    const mallocTrim = koffi.load("libc.so.6").func("int malloc_trim(size_t)");
    return () => {
      mallocTrim(0);
    };
  } catch {
    // Another C library, or no binary of koffi for this platform.
    return () => {};
  }
}
