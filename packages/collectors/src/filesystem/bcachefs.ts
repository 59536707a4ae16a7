import { allOrNothing } from "../all-or-nothing.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, type FolderEntry, isMissing } from "../host-files/host-files.ts";
import { floatOf, unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter, gauge } from "../metric.ts";
import { optionalText } from "../host-files/attribute.ts";

const UUID = ["uuid"];
const DEVICE = ["uuid", "device"];

const metrics = {
  info: gauge("node_bcachefs_info", "Filesystem information.", UUID),
  btreeCache: gauge("node_bcachefs_btree_cache_size_bytes", "Btree cache memory usage in bytes.", UUID),
  compressed: gauge("node_bcachefs_compression_compressed_bytes", "Compressed size by algorithm.", [
    "uuid",
    "algorithm",
  ]),
  uncompressed: gauge("node_bcachefs_compression_uncompressed_bytes", "Uncompressed size by algorithm.", [
    "uuid",
    "algorithm",
  ]),
  errors: counter("node_bcachefs_errors_total", "Error count by error type.", ["uuid", "error_type"]),
  btreeWrites: counter("node_bcachefs_btree_writes_total", "Number of btree writes by type.", ["uuid", "type"]),
  btreeWriteSize: gauge("node_bcachefs_btree_write_average_size_bytes", "Average btree write size by type.", [
    "uuid",
    "type",
  ]),
  device: gauge("node_bcachefs_device_info", "Device information.", [...DEVICE, "label", "state"]),
  bucketSize: gauge("node_bcachefs_device_bucket_size_bytes", "Bucket size in bytes.", DEVICE),
  buckets: gauge("node_bcachefs_device_buckets", "Total number of buckets.", DEVICE),
  durability: gauge("node_bcachefs_device_durability", "Device durability setting.", DEVICE),
  ioDone: counter("node_bcachefs_device_io_done_bytes_total", "IO bytes by operation type and data type.", [
    ...DEVICE,
    "operation",
    "data_type",
  ]),
  ioErrors: counter("node_bcachefs_device_io_errors_total", "IO errors by error type.", [...DEVICE, "type"]),
};

type BcachefsEmitter = Emitter<typeof metrics>;

const ROOT = "fs/bcachefs";

/** Bcachefs filesystems: /sys/fs/bcachefs. */
export const bcachefs = defineCollector({
  name: "bcachefs",
  enabled: true,
  metrics,
  collect({ sys }, emit) {
    const filesystems = foldersIn(sys, ROOT).filter((entry) => entry.isFolder);
    if (filesystems.length === 0) throw new NoDataError("no bcachefs filesystem");
    allOrNothing(emit, (held) => {
      for (const { name } of filesystems) emitFilesystem(sys, name, held);
    });
  },
});

function foldersIn(sys: FileTree, folder: string): readonly FolderEntry[] {
  try {
    return sys.entries(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function emitFilesystem(sys: FileTree, uuid: string, emit: BcachefsEmitter): void {
  const folder = `${ROOT}/${uuid}`;
  emit.info(1, uuid);
  emit.btreeCache(bytesOrNone(textOf(sys, `${folder}/btree_cache_size`), "bcachefs btree_cache_size") ?? 0, uuid);
  for (const [algorithm, compressed, uncompressed] of rowsOf(sys, `${folder}/compression_stats`)) {
    emit.compressed(bytesOf(compressed, "bcachefs compression_stats"), uuid, algorithm!);
    emit.uncompressed(bytesOf(uncompressed, "bcachefs compression_stats"), uuid, algorithm!);
  }
  for (const [type, count] of linesOf(textOf(sys, `${folder}/errors`)).map(fieldsOf))
    if (count !== undefined) emit.errors(unsignedOf(count, "bcachefs errors"), uuid, type!);
  for (const [type, count, size] of rowsOf(sys, `${folder}/btree_write_stats`)) {
    emit.btreeWrites(unsignedOf(count, "bcachefs btree_write_stats"), uuid, type!);
    emit.btreeWriteSize(bytesOf(size, "bcachefs btree_write_stats"), uuid, type!);
  }
  emitCounters(sys, `${folder}/counters`, uuid, emit);
  for (const { name, isFolder } of sys.entries(folder))
    if (isFolder && name.startsWith("dev-"))
      emitDevice(sys, `${folder}/${name}`, [uuid, name.slice("dev-".length)], emit);
}

function emitCounters(sys: FileTree, folder: string, uuid: string, emit: BcachefsEmitter): void {
  for (const { name, isFolder } of foldersIn(sys, folder)) {
    if (isFolder) continue;
    const lines = linesOf(textOf(sys, `${folder}/${name}`));
    const after = (key: string): string | undefined => lines.find((row) => row.startsWith(key))?.slice(key.length);
    const sinceMount = after("since mount:");
    const sinceCreation = after("since filesystem creation:");
    if ((sinceMount ?? sinceCreation) === undefined)
      throw new Error(`bcachefs ${folder}/${name}: expected a line "since mount:" or "since filesystem creation:"`);
    if (sinceMount !== undefined) bytesOf(sinceMount, `bcachefs counters/${name}`);
    const metric = counter(
      `node_bcachefs_${name.replaceAll(/_*[^0-9A-Za-z_]+_*/g, "_")}_total`,
      `Bcachefs counter ${name} since filesystem creation.`,
      UUID,
    );
    emit.dynamic(metric, sinceCreation === undefined ? 0 : bytesOf(sinceCreation, `bcachefs counters/${name}`), uuid);
  }
}

function emitDevice(sys: FileTree, folder: string, labels: readonly string[], emit: BcachefsEmitter): void {
  const count = (file: string): number => {
    const text = optionalText(sys, `${folder}/${file}`);
    return text === undefined ? 0 : unsignedOf(text.trim(), `bcachefs ${file}`);
  };
  emit.device(1, ...labels, sys.value(`${folder}/label`) ?? "", sys.value(`${folder}/state`) ?? "");
  emit.bucketSize(bytesOrNone(sys.value(`${folder}/bucket_size`) ?? "", "bcachefs bucket_size") ?? 0, ...labels);
  emit.buckets(count("nbuckets"), ...labels);
  emit.durability(count("durability"), ...labels);
  let operation = "";
  for (const line of linesOf(textOf(sys, `${folder}/io_done`)).map((row) => row.trim())) {
    if (line === "read:" || line === "write:") operation = line.slice(0, -1);
    else if (operation !== "" && line.includes(":")) emit.ioDone(...pairOf(line, "io_done", [...labels, operation]));
  }
  const sections = textOf(sys, `${folder}/io_errors`).split(/^IO errors since /m);
  const sinceCreation = sections.find((section) => section.startsWith("filesystem creation")) ?? "";
  for (const line of linesOf(sinceCreation).slice(1))
    if (line.includes(":")) emit.ioErrors(...pairOf(line, "io_errors", labels));
}

/** Parses a line such as `key: 12` into a sample: the value, the labels, and the key as the last label. */
function pairOf(line: string, file: string, labels: readonly string[]): [value: number, ...labels: string[]] {
  const colon = line.indexOf(":");
  const value = unsignedOf(line.slice(colon + 1).trim(), `bcachefs ${file}`);
  return [value, ...labels, line.slice(0, colon).trim()];
}

/** Returns the rows of a table below its header, without the colons of the first column. */
const rowsOf = (sys: FileTree, path: string): string[][] =>
  linesOf(textOf(sys, path))
    .slice(1)
    .map(fieldsOf)
    .filter((fields) => fields.length >= 3)
    .map(([first, ...others]) => [first!.replace(/:$/, ""), ...others]);

/** Returns the text of a file; "" if the kernel does not have the file. */
const textOf = (sys: FileTree, path: string): string => optionalText(sys, path) ?? "";

const UNITS = ["", "k", "m", "g", "t", "p", "e"];

/** Parses a size such as 1.5G. */
function bytesOf(text: string | undefined, where: string): number {
  const [, number, unit] = /^\s*(\d[\d.]*)\s*([kmgtpe]?)\s*$/i.exec(text ?? "") ?? [];
  if (number === undefined) throw new Error(`${where}: expected a size, got "${text ?? ""}"`);
  return Math.trunc(floatOf(number, where) * 1024 ** UNITS.indexOf(unit!.toLowerCase()));
}

const bytesOrNone = (text: string, where: string): number | undefined =>
  text.trim() === "" ? undefined : bytesOf(text, where);
