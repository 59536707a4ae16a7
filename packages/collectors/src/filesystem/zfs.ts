import { defineCollector, type DynamicEmitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { signedOf, unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { gauge, type MetricSpec, unknown } from "../metric.ts";

const ROOT = "spl/kstat/zfs";

/** Statistics files, each with the part of the metric name for it. The files depend on the version of ZFS. */
const FILES: readonly (readonly [subsystem: string, file: string])[] = [
  ["zfs_abd", "abdstats"],
  ["zfs_arc", "arcstats"],
  ["zfs_dbuf", "dbufstats"],
  ["zfs_dmu_tx", "dmu_tx"],
  ["zfs_dnode", "dnodestats"],
  ["zfs_fm", "fm"],
  ["zfs_vdev_cache", "vdev_cache_stats"],
  ["zfs_vdev_mirror", "vdev_mirror_stats"],
  ["zfs_xuio", "xuio_stats"],
  ["zfs_zfetch", "zfetchstats"],
  ["zfs_zil", "zil"],
];

const POOL_STATES = ["online", "degraded", "faulted", "offline", "removed", "unavail", "suspended"];

/**
 * Number in the column `type` of ZFS statistics that means a signed 64-bit integer. The next constant means an unsigned
 * one.
 */
const SIGNED = "3";
const UNSIGNED = "4";

const POOL = ["zpool"];
const DATASET = ["zpool", "dataset"];

const specs = new Map<string, MetricSpec>();

/**
 * Returns the metric of a ZFS counter. Its help text is the counter's name on other systems, for example
 * `kstat.zfs.misc.arcstats.hits`.
 */
function specFor(subsystem: string, source: string, field: string, labels: readonly string[]): MetricSpec {
  const name = `node_${subsystem}_${field.replaceAll("-", "_")}`;
  let spec = specs.get(name);
  if (spec === undefined) {
    spec = unknown(name, `kstat.zfs.misc.${source}.${field}`, labels);
    specs.set(name, spec);
  }
  return spec;
}

/** Exports ZFS caches, pools and datasets from /proc/spl/kstat/zfs. */
export const zfs = defineCollector({
  name: "zfs",
  enabled: true,
  metrics: { state: gauge("node_zfs_zpool_state", "kstat.zfs.misc.state", ["zpool", "state"]) },
  collect({ proc }, emit) {
    if (proc.real(ROOT) === undefined) throw new NoDataError("ZFS is not loaded");
    for (const [subsystem, file] of FILES) {
      const text = proc.value(`${ROOT}/${file}`);
      if (text === undefined) continue;
      for (const [field, kind, value] of namedValues(text, file)) {
        if (kind !== UNSIGNED && kind !== SIGNED) continue;
        const [word] = value.split(/\s/, 1);
        const number = (kind === UNSIGNED ? unsignedOf : signedOf)(word, `zfs: ${file} ${field}`);
        emit.dynamic(specFor(subsystem, file, field, []), number);
      }
    }
    for (const pool of proc.list(ROOT)) {
      const entries = proc.list(`${ROOT}/${pool}`);
      if (entries.includes("io")) emitIo(proc.read(`${ROOT}/${pool}/io`), pool, emit);
      for (const entry of entries.filter((name) => name.startsWith("objset-")))
        emitDataset(proc, `${ROOT}/${pool}/${entry}`, pool, emit);
      const state = proc.value(`${ROOT}/${pool}/state`)?.split("\n", 1)[0]!.toLowerCase();
      if (state !== undefined) for (const name of POOL_STATES) emit.state(name === state ? 1 : 0, pool, name);
    }
  },
});

/** Returns the rows after the header `name type data`. A value may contain blanks. Throws if there is no header. */
function* namedValues(text: string, file: string): Generator<[field: string, kind: string, value: string]> {
  let isBody = false;
  for (const line of linesOf(text)) {
    const row = /^\s*(\S+)\s+(\S+)\s+(\S.*)$/.exec(line);
    if (row === null) continue;
    if (isBody) yield [row[1]!, row[2]!, row[3]!];
    else isBody = row[1] === "name" && row[2] === "type" && row[3]!.trimEnd() === "data";
  }
  if (!isBody) throw new Error(`zfs: ${file} has no line "name type data"`);
}

const IO_COLUMNS = 12;

/** Emits the numbers of a line. Their names are on the line before, which begins with `nread`. */
function emitIo(text: string, pool: string, emit: DynamicEmitter): void {
  const lines = linesOf(text).map(fieldsOf);
  const heading = lines.findIndex((fields) => fields[0] === "nread" && fields.length >= IO_COLUMNS);
  const values = lines[heading + 1];
  if (heading === -1 || values === undefined) return;
  for (const [i, name] of lines[heading]!.entries())
    emit.dynamic(specFor("zfs_zpool", "io", name, POOL), unsignedOf(values[i], "zfs: io"), pool);
}

function emitDataset(proc: FileTree, path: string, pool: string, emit: DynamicEmitter): void {
  // Uses empty labels for values that come before the name of the data set, as in node_exporter.
  let labels: readonly [pool: string, dataset: string] = ["", ""];
  for (const [field, kind, value] of namedValues(proc.read(path), path)) {
    if (field === "dataset_name") labels = [pool, value];
    else if (kind === UNSIGNED) {
      const number = unsignedOf(value.split(/\s/, 1)[0], path);
      emit.dynamic(specFor("zfs_zpool_dataset", "objset", field, DATASET), number, ...labels);
    }
  }
}
