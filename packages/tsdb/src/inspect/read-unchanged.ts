import { join } from "node:path";
import { createLogger, systemClock } from "@narthex/runtime";
import { diskFiles } from "../files.ts";
import type { Head } from "../head/head.ts";
import { OutOfOrderReplay } from "../head/out-of-order/out-of-order-replay.ts";
import type { RecordReader } from "../head/replay/read-log.ts";
import { Replay } from "../head/replay/replay.ts";
import { ChunkFiles } from "../head/chunk-files/chunk-files.ts";
import { LogGap } from "../startup/log-gap.ts";
import { readSegment } from "../wal/read-segment.ts";
import { listLog, listSegments, type Segment } from "../wal/segment.ts";
import { linkFiles } from "./sandbox.ts";

const CHUNKS_HEAD = "chunks_head";

/** Opens the chunk files to which the folder `sandbox` contains hard links. */
export function linkedChunkFiles(sandbox: string): ChunkFiles {
  // Logger that drops messages. Damage of chunk files is not reported, because the log usually contains the same
  // samples.
  const silent = createLogger({ level: "error", format: "logfmt", clock: systemClock, write: () => {} });
  return new ChunkFiles(join(sandbox, CHUNKS_HEAD), diskFiles, silent);
}

/**
 * Loads the logs and the head's chunk files of a data folder into a head, without blocks. Reads hard links in the
 * folder `sandbox`, because reading creates files and the data folder must not change. Returns messages about
 * unreadable parts. Throws the system's errors, for instance for a missing log.
 */
export async function readUnchanged(dir: string, head: Head, sandbox: string): Promise<string[]> {
  const walDir = join(dir, "wal");
  diskFiles.list(walDir); // throws if the log folder is missing; an empty folder is accepted
  const stored = head.stored!;
  linkFiles(join(dir, CHUNKS_HEAD), stored.files.dir);
  await stored.load({ logsHaveAll: true, asideDir: join(sandbox, "damaged") });
  const mayMissSamples = stored.files.corruptions > 0 && !new LogGap(dir, diskFiles).logsHaveAll;
  const replay = new Replay(head);
  const { older, later } = listLog(walDir);
  const problems = await readAll([...older, ...later], replay);
  if (mayMissSamples)
    problems.push(`${join(dir, CHUNKS_HEAD)}: a file is damaged, and the logs may lack some of its samples`);
  const outOfOrderReplay = new OutOfOrderReplay(head.outOfOrder, (ref) => replay.rowOf(ref), stored.loaded);
  const damages = await readAll(listSegments(join(dir, "wbl")), outOfOrderReplay);
  if (damages.length > 0) outOfOrderReplay.takeRest();
  for (const item of damages) problems.push(item);
  head.outOfOrder.finish();
  stored.loaded.dropRest();
  return problems;
}

async function readAll(segments: readonly Segment[], replay: RecordReader): Promise<string[]> {
  const problems: string[] = [];
  for (const { path } of segments) {
    const { damages } = await readSegment(path, (record) => replay.record(record));
    const [first] = damages;
    if (first !== undefined) problems.push(`${path}: the log is damaged at ${first.offset}: ${first.reason}`);
  }
  replay.end();
  return problems;
}
