import { readdir, readFile } from "node:fs/promises";

/** Size of a page of memory, bytes. The numbers in /proc count such pages. */
const PAGE_BYTES = 4096;
/** Fields of /proc/PID/stat after the program's name: the process group, and resident pages. */
const [GROUP, RESIDENT] = [2, 21];

/**
 * Resolves with the resident memory of all processes of a group, bytes. Memory that processes share counts for each of
 * them. Resolves with 0 on systems without /proc.
 */
export async function groupMemory(group: number): Promise<number> {
  const names = await readdir("/proc").catch(() => []);
  let bytes = 0;
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    // A process may end after the folder was listed.
    const text = await readFile(`/proc/${name}/stat`, "latin1").catch(() => "");
    // The name is in parentheses, and may contain spaces.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (Number(fields[GROUP]) === group) bytes += (Number(fields[RESIDENT]) || 0) * PAGE_BYTES;
  }
  return bytes;
}
