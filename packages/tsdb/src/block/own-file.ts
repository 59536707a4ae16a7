import { invariant } from "@narthex/runtime";
import type { Files } from "../files.ts";
import { FileScan } from "./file-scan.ts";

/** Lets `use` read bytes [start, end) of a file that this process has just written. */
export function scanOwnFile(
  path: string,
  start: number,
  end: number,
  files: Files,
  use: (scan: FileScan) => void,
): void {
  const file = files.open(path, "r");
  const read = (into: Uint8Array, position: number): void => {
    for (let filled = 0; filled < into.length;) {
      const came = files.read(file, into.subarray(filled), position + filled);
      invariant(came > 0, "a file that was just written is as long as it was", { path, position });
      filled += came;
    }
  };
  try {
    use(new FileScan(read, start, end));
  } finally {
    files.close(file);
  }
}
