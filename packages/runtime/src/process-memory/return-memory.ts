import { exposeGc } from "../expose-gc.ts";
import { programMappings } from "./program-mappings.ts";

/** The functions of the C library that this package calls. If the library is missing, the functions do nothing. */
interface MemoryCalls {
  /** Returns free pages in the middle of malloc's heaps to the system. */
  readonly trim: () => Promise<void>;
  /** Returns pages to the system. The pages contain zeros until they are written to again. */
  readonly release: (pages: Uint8Array) => void;
  /**
   * Returns the pages of a mapping to the system. Their content remains. Use this only for pages that were never
   * written to.
   */
  readonly unmap: (address: bigint, bytes: number) => void;
}

const LIBRARIES = ["libc.so.6", "libc.so"];
const MADV_DONTNEED = 4;

let calls: Promise<MemoryCalls> | undefined;

/**
 * Returns the memory of freed buffers to the system. Otherwise glibc keeps this memory, and the memory of a start or a
 * compaction would count as used for ever.
 */
export async function returnFreedMemory(): Promise<void> {
  await (await (calls ??= loadCalls())).trim();
}

/**
 * Returns memory to the system after a start, including V8's space for short-lived objects. This stops the thread for
 * 20 ms to 100 ms.
 */
export async function returnMemoryOfStart(): Promise<void> {
  await exposeGc()?.({ type: "major", execution: "sync", flavor: "last-resort" });
  await returnFreedMemory();
}

/**
 * Returns a function that returns pages of shared memory to the system without changing the size of the shared memory.
 * Partial pages are not returned.
 */
export async function pageReleaser(): Promise<(pages: Uint8Array) => void> {
  const { release } = await (calls ??= loadCalls());
  return release;
}

/**
 * Returns the pages of Node's own program to the system. A start reads 45 MB of the program's file; most of these pages
 * are not needed again until the process stops, but they count as used memory. The system keeps the pages in its file
 * cache. If the process needs pages again, in all 15 to 25 MB, the system maps them again in runs of 16 pages, without
 * a read from the disk.
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
      // Runs on another thread, because trimming a large heap would block the event loop for too long.
      const trim = (): Promise<void> => new Promise((resolve) => mallocTrim.async(0, () => resolve()));
      return { trim, release, unmap };
    } catch {
      // Does not trim the heap, because the C library is not glibc.
      return { ...none, release, unmap };
    }
  } catch {
    // Does nothing on this platform, because koffi has no binary for it.
    return none;
  }
}

function firstOf<T>(names: readonly string[], load: (name: string) => T): T {
  for (const name of names.slice(0, -1)) {
    try {
      return load(name);
    } catch {
      // Tries the next library name.
    }
  }
  return load(names.at(-1)!);
}
