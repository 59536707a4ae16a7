import { readFileSync } from "node:fs";
import { endianness } from "node:os";

/** Number of the auxiliary vector's entry that contains the page size. */
const AT_PAGESZ = 6;
/**
 * Page size in bytes that is assumed if the auxiliary vector cannot be read. Correct on x86 and most other processors.
 */
const USUAL_PAGE_BYTES = 4096;

let known: number | undefined;

/** Returns the size of a memory page in bytes, from the auxiliary vector that the kernel passed to this process. */
export function pageSize(): number {
  return (known ??= readPageSize());
}

function readPageSize(): number {
  try {
    const vector = readFileSync("/proc/self/auxv");
    const view = new DataView(vector.buffer, vector.byteOffset, vector.length);
    const isLittle = endianness() === "LE";
    for (let at = 0; at + 16 <= view.byteLength; at += 16) {
      if (view.getBigUint64(at, isLittle) === BigInt(AT_PAGESZ)) return Number(view.getBigUint64(at + 8, isLittle));
    }
  } catch {
    // Uses the usual page size, because the system is not Linux or /proc is hidden.
  }
  return USUAL_PAGE_BYTES;
}
