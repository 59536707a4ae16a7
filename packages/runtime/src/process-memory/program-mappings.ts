import { type FileHandle, open } from "node:fs/promises";

/** A range of a program's file that is mapped into memory. */
export interface ProgramMapping {
  readonly address: bigint;
  readonly bytes: number;
}

interface Mapping extends ProgramMapping {
  readonly isReadOnly: boolean;
  ownKilobytes: number;
}

const PIECE_BYTES = 16_384;

/** Matches `start-end rwxp offset device inode path`, the first line about a mapping. */
const HEAD = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ +(.*)$/;
/**
 * Matches the size of pages that the process has copied and changed: those in memory, and those that were swapped out.
 */
const OWN_COPIES = /^(?:Anonymous|Swap): +(\d+) kB$/;

/**
 * Returns the mappings of the running program's file in which every page equals the file: code and constants, but no
 * written data. Excludes the last mapping before the writable data, because the loader has written to it. Returns
 * nothing if the system does not report mappings.
 */
export async function programMappings(
  program: string = process.execPath,
  smaps = "/proc/self/smaps",
): Promise<readonly ProgramMapping[]> {
  let file: FileHandle;
  try {
    file = await open(smaps);
  } catch {
    return [];
  }
  try {
    return await readProgramMappings(file, Buffer.from(program).toString("latin1"));
  } catch {
    return [];
  } finally {
    await file.close();
  }
}

/**
 * Reads the mappings of a program. Stops after the last one, because the kernel needs time to count the pages of each
 * mapping that is read.
 */
async function readProgramMappings(file: FileHandle, program: string): Promise<readonly ProgramMapping[]> {
  const found: Mapping[] = [];
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let rest = "";
  let mapping: Mapping | undefined;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- the file is read in order
    const { bytesRead } = await file.read(piece, 0, PIECE_BYTES);
    if (bytesRead === 0) return unwritten(found);
    const lines = (rest + piece.toString("latin1", 0, bytesRead)).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const head = HEAD.exec(line);
      if (head === null) {
        if (mapping !== undefined) mapping.ownKilobytes += Number(OWN_COPIES.exec(line)?.[1] ?? 0);
        continue;
      }
      if (head[4] !== program && mapping !== undefined) return unwritten(found);
      mapping = head[4] === program ? mappingOf(head) : undefined;
      if (mapping !== undefined) found.push(mapping);
    }
  }
}

function mappingOf([, from, to, access]: RegExpExecArray): Mapping {
  const address = BigInt(`0x${from}`);
  const [bytes, isReadOnly] = [Number(BigInt(`0x${to}`) - address), access![1] === "-" && access![3] === "p"];
  return { address, bytes, isReadOnly, ownKilobytes: 0 };
}

const unwritten = (mappings: readonly Mapping[]): Mapping[] =>
  mappings.filter(
    ({ isReadOnly, ownKilobytes }, at) => isReadOnly && ownKilobytes === 0 && mappings[at + 1]?.isReadOnly === true,
  );
