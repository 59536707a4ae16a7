import { formatByteSize } from "@narthex/config";
import type { Check, DoctorContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import type { Volume } from "../machine/machine.ts";
import type { DataPath } from "../subject/subject.ts";
import { nearestFolder } from "./permissions.ts";

const MIB = 1024 * 1024;
/** Less than this leaves no room to merge blocks. */
const LEAST_BYTES = 256 * MIB;
const LEAST_INODES = 1000;
/** Share that is worth a word. */
const LOW_SHARE = 0.1;

/** Is there room where data is stored? */
export const disk: Check = {
  name: "disk",
  about: "free space and inodes where data is stored",
  async run(context) {
    const data = context.subject.roles.flatMap((role) => role.data);
    const volumes = new Map<string, { readonly volume: Volume; readonly paths: DataPath[] }>();
    const unknown: Finding[] = [];
    for (const one of data) {
      const volume = await volumeOf(context, one.path);
      if (volume === undefined) {
        unknown.push(warning(`${one.path}: how much is free there cannot be told`, `look yourself: df ${one.path}`));
        continue;
      }
      // Folders of one file system are told together.
      const key = [volume.totalBytes, volume.totalInodes, Math.round(volume.freeBytes / MIB)].join();
      const known = volumes.get(key);
      if (known === undefined) volumes.set(key, { volume, paths: [one] });
      else known.paths.push(one);
    }
    return [...[...volumes.values()].map(({ volume, paths }) => volumeFinding(volume, paths)), ...unknown];
  },
};

async function volumeOf({ machine }: DoctorContext, path: string): Promise<Volume | undefined> {
  const isThere = (await machine.pathFacts(path)) !== undefined;
  return machine.volumeOf(isThere ? path : await nearestFolder(machine, path));
}

function volumeFinding(volume: Volume, paths: readonly DataPath[]): Finding {
  const { freeBytes, totalBytes, freeInodes, totalInodes } = volume;
  const where = paths.map(({ path }) => path).join(", ");
  const flags = [...new Set(paths.map(({ flag }) => flag))].join(", ");
  const share = totalBytes === 0 ? 0 : freeBytes / totalBytes;
  const space = `${where}: ${formatByteSize(Math.floor(freeBytes / MIB) * MIB)} free (${Math.floor(share * 100)} %)`;
  const hint = `free some (du -xh ${paths[0]!.path} | sort -h), or name a place on another disk with ${flags}`;
  if (freeBytes < LEAST_BYTES) return error(space, hint);
  if (totalInodes > 0 && freeInodes < LEAST_INODES) {
    return error(`${where}: ${freeInodes} inodes free of ${totalInodes}`, `remove files that nobody needs (df -i ${paths[0]!.path})`);
  }
  if (share < LOW_SHARE) return warning(space, `${hint}, or keep less: --storage.tsdb.retention.size`);
  if (totalInodes > 0 && freeInodes / totalInodes < LOW_SHARE) {
    return warning(`${where}: ${freeInodes} inodes free of ${totalInodes}`, `remove files that nobody needs (df -i ${paths[0]!.path})`);
  }
  return ok(space);
}
