import { formatByteSize } from "@narthex/config";
import { formatDuration } from "@narthex/model";
import type { Check, DoctorContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import type { Volume } from "../machine/machine.ts";
import { askOwnMetrics } from "../server-api.ts";
import type { DataPath, RoleSubject } from "../subject/subject.ts";
import { nearestFolder } from "./permissions.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
/** Minimum free space in bytes, and minimum number of free inodes. With less, the TSDB cannot merge blocks. */
const MIN_BYTES = 256 * MIB;
const MIN_INODES = 1000;
/** Share of free space below which the check warns. */
const LOW_SHARE = 0.1;

/** Bytes per stored sample in the estimate. A sample in a block takes one to two bytes. */
const BYTES_A_SAMPLE = 2;

/**
 * Minimum uptime of the server in seconds for which its sample rate is used. With a shorter uptime, not all targets
 * have been scraped yet.
 */
const MIN_UPTIME_S = 300;

/** Checks the free space on the file systems where data is stored. */
export const disk: Check = {
  name: "disk",
  about:
    "free space and inodes where data is stored, and whether the data of the retention time will fit at the rate of a running server",
  async run(context) {
    const data = context.subject.roles.flatMap((role) => role.data);
    const volumes = new Map<string, { readonly volume: Volume; readonly paths: DataPath[] }>();
    const unknown: Finding[] = [];
    for (const one of data) {
      const volume = await volumeOf(context, one.path);
      if (volume === undefined) {
        unknown.push(warning(`${one.path}: the free space is unknown`, `run: df ${one.path}`));
        continue;
      }
      // Key of a volume. Volumes with equal sizes are treated as one file system, whose folders are reported together.
      const key = [volume.totalBytes, volume.totalInodes, Math.round(volume.freeBytes / MIB)].join();
      const known = volumes.get(key);
      if (known === undefined) volumes.set(key, { volume, paths: [one] });
      else known.paths.push(one);
    }
    const findings = [...volumes.values()].map(({ volume, paths }) => volumeFinding(volume, paths));
    const retained = await Promise.all(context.subject.roles.map((role) => retentionFinding(context, role)));
    return [...findings, ...unknown, ...retained.flat()];
  },
};

/**
 * Reports whether the data for the whole retention time fits on the disk. The estimate uses the average number of
 * samples per second since the server's start.
 */
async function retentionFinding(context: DoctorContext, role: RoleSubject): Promise<readonly Finding[]> {
  const { retention, data } = role;
  const [first] = data;
  if (retention === undefined || first === undefined || retention.timeMs === 0) return [];
  const volume = await volumeOf(context, first.path);
  const own = await askOwnMetrics(context, role);
  const appended = own("prometheus_tsdb_head_samples_appended_total");
  const startedAt = own("process_start_time_seconds");
  if (volume === undefined || appended === undefined || startedAt === undefined) return [];
  const seconds = context.clock.now() / 1000 - startedAt;
  if (seconds < MIN_UPTIME_S) return [];
  const rate = appended / seconds;
  const stored = own("prometheus_tsdb_storage_blocks_bytes") ?? 0;
  const wanted = rate * (retention.timeMs / 1000) * BYTES_A_SAMPLE;
  const needed = retention.bytes > 0 ? Math.min(wanted, retention.bytes) : wanted;
  const room = volume.freeBytes + stored;
  const kept = formatDuration(retention.timeMs);
  const what = `${first.path}: ${kept} of ${Math.round(rate)} samples a second will take about ${rounded(needed)}`;
  if (needed < room) return [ok(`${what}, and there is room for ${rounded(room)}`)];
  return [
    warning(
      `${what}, but there is room for ${rounded(room)}`,
      `--storage.tsdb.retention.size=${rounded(room * 0.8)} removes the oldest in time; or give it a larger disk`,
    ),
  ];
}

/** Formats a number of bytes in whole GiB, or in whole MiB below 10 GiB, rounded down. */
function rounded(bytes: number): string {
  const unit = bytes >= 10 * GIB ? GIB : MIB;
  return formatByteSize(Math.floor(bytes / unit) * unit);
}

async function volumeOf({ machine }: DoctorContext, path: string): Promise<Volume | undefined> {
  const isThere = (await machine.pathStatus(path)) !== undefined;
  return machine.volumeOf(isThere ? path : await nearestFolder(machine, path));
}

function volumeFinding(volume: Volume, paths: readonly DataPath[]): Finding {
  const { freeBytes, totalBytes, freeInodes, totalInodes } = volume;
  const where = paths.map(({ path }) => path).join(", ");
  const flags = [...new Set(paths.map(({ flag }) => flag))].join(", ");
  const share = totalBytes === 0 ? 0 : freeBytes / totalBytes;
  const space = `${where}: ${rounded(freeBytes)} free (${Math.floor(share * 100)} %)`;
  const hint = `free some space (find large files: du -xh ${paths[0]!.path} | sort -h), or choose a folder on another disk with ${flags}`;
  if (freeBytes < MIN_BYTES) return error(space, hint);
  if (totalInodes > 0 && freeInodes < MIN_INODES) {
    return error(
      `${where}: ${freeInodes} inodes free of ${totalInodes}`,
      `remove files that are not needed (df -i ${paths[0]!.path})`,
    );
  }
  if (share < LOW_SHARE) return warning(space, `${hint}, or keep less data: --storage.tsdb.retention.size`);
  if (totalInodes > 0 && freeInodes / totalInodes < LOW_SHARE) {
    return warning(
      `${where}: ${freeInodes} inodes free of ${totalInodes}`,
      `remove files that are not needed (df -i ${paths[0]!.path})`,
    );
  }
  return ok(space);
}
