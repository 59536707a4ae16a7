import type { Files } from "../files.ts";
import { dropSnapshots } from "../head-snapshot/snapshot-folder.ts";
import { type CheckpointRequest, runCheckpoint } from "../wal/checkpoint.ts";
import type { CheckpointLeftovers } from "../wal/replace-by-checkpoint.ts";

/** A request for a checkpoint of a log that snapshots may refer to. The request can be posted to another thread. */
export interface CheckpointJob extends CheckpointRequest {
  /**
   * Data folder whose memory snapshots are removed before the checkpoint becomes valid, because they contain references
   * that the log then no longer has. Default: removes no snapshots.
   */
  readonly snapshotsIn?: string;
}

/** Writes a checkpoint as runCheckpoint() does. Removes the snapshots before the checkpoint becomes valid. */
export function runCheckpointJob(
  dir: string,
  { snapshotsIn, ...request }: CheckpointJob,
  files: Files,
): Promise<CheckpointLeftovers> {
  return runCheckpoint(dir, request, files, () => {
    if (snapshotsIn !== undefined) dropSnapshots(snapshotsIn, files);
  });
}
