import { exposeGc } from "../expose-gc.ts";
import { programMappings } from "./program-mappings.ts";

/** What of the C library is used; nothing is done if it is missing. */
interface MemoryCalls {
  /** Returns free pages in the middle of malloc's heaps. */
  readonly trim: () => Promise<void>;
  /** Returns these pages; they read as zeros until they are written to again. */
  readonly release: (pages: Uint8Array) => void;
  /** Returns the pages of a mapping, which read as before. Only for what no one can have written to. */
  readonly unmap: (address: bigint, bytes: number) => void;
}

const LIBRARIES = ["libc.so.6", "libc.so"];
const MADV_DONTNEED = 4;

let calls: Promise<MemoryCalls> | undefined;

/**
 * Gives memory that buffers needed for a while back to the system: glibc keeps it for later otherwise, and what a start
 * or a compaction took would count as ours for good.
 */
export async function returnFreedMemory(): Promise<void> {
  await (await (calls ??= loadCalls())).trim();
}

/**
 * The same for a start, after which the process needs much less than before: V8 too gives up the room for short-lived
 * objects that it has grown meanwhile, which it does in a full collection only. Stops the thread for 20 ms to 100 ms.
 */
export async function returnMemoryOfStart(): Promise<void> {
  await exposeGc()?.({ type: "major", execution: "sync", flavor: "last-resort" });
  await returnFreedMemory();
}

/** Gives pages of shared memory back, which stays as large as it is. Pages that are not whole ones are left alone. */
export async function pageReleaser(): Promise<(pages: Uint8Array) => void> {
  const { release } = await (calls ??= loadCalls());
  return release;
}

/**
 * Gives back the pages of Node's own program. A start goes through 45 MB of it, most of which is not needed again until
 * the process stops; they count as ours all the same. The system keeps them among what it has read of files, from where
 * those that are still needed come back in runs of 16, without a read from the disk: 15 to 25 MB in all.
 */
export async function returnProgramPages(): Promise<void> {
  const { unmap } = await (calls ??= loadCalls());
  for (const { address, bytes } of await programMappings()) unmap(address, bytes);
}

async function loadCalls(): Promise<MemoryCalls> {
  const none: MemoryCalls = { trim: () => Promise.resolve(), release: () => {}, unmap: () => {} };
  if (process.platform !== "linux") return none;
  try {
    const { default: koffi } = await import("koffi");
    const library = firstOf(LIBRARIES, (name) => koffi.load(name));
    const madvise = library.func("int madvise(void *, size_t, int)");
    const madviseAt = library.func("int madvise(uint64_t, size_t, int)");
    const release = (pages: Uint8Array): void => {
      madvise(pages, pages.length, MADV_DONTNEED);
    };
    const unmap = (address: bigint, bytes: number): void => {
      madviseAt(address, bytes, MADV_DONTNEED);
    };
    try {
      const mallocTrim = library.func("int malloc_trim(size_t)");
      // On a thread of its own: large heaps take longer than an event loop should stand still.
      const trim = (): Promise<void> => new Promise((resolve) => mallocTrim.async(0, () => resolve()));
      return { trim, release, unmap };
    } catch {
      // Not glibc.
      return { ...none, release, unmap };
    }
  } catch {
    // No binary of koffi for this platform.
    return none;
  }
}

function firstOf<T>(names: readonly string[], load: (name: string) => T): T {
  for (const name of names.slice(0, -1)) {
    try {
      return load(name);
    } catch {
      // The next name.
    }
  }
  return load(names.at(-1)!);
}
