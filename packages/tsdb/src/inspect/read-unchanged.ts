import type { Head } from "../head/head.ts";
import { Replay } from "../head/replay.ts";
import { diskFiles } from "../files.ts";
import { readSegment } from "../wal/read-segment.ts";
import { listCheckpoints, listSegments } from "../wal/segment.ts";

/** Puts a log into a head and mends nothing; sentences about what could not be read. Throws the system's errors. */
export async function readUnchanged(walDir: string, head: Head): Promise<string[]> {
  diskFiles.list(walDir); // a missing folder is an error here, unlike an empty one
  const replay = new Replay(head);
  const problems: string[] = [];
  const checkpoint = listCheckpoints(walDir).at(-1);
  const segments = [
    ...(checkpoint === undefined ? [] : listSegments(checkpoint.path)),
    ...listSegments(walDir).filter(({ index }) => index > (checkpoint?.index ?? -1)),
  ];
  for (const { path } of segments) {
    const { damages } = await readSegment(path, (record) => replay.record(record));
    const [first] = damages;
    if (first !== undefined) problems.push(`${path}: the log is damaged at ${first.offset}: ${first.reason}`);
  }
  return problems;
}
