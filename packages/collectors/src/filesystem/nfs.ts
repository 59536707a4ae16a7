import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, isMissing } from "../host-files/host-files.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter, gauge } from "../metric.ts";

/** Procedure names in the order of the counts in a `proc2` line. */
const VERSION_2 = (
  "Null GetAttr SetAttr Root Lookup ReadLink Read WrCache Write Create Remove Rename Link SymLink MkDir RmDir " +
  "ReadDir FsStat"
).split(" ");
const VERSION_3 = (
  "Null GetAttr SetAttr Lookup Access ReadLink Read Write Create MkDir SymLink MkNod Remove RmDir Rename Link " +
  "ReadDir ReadDirPlus FsStat FsInfo PathConf Commit"
).split(" ");
/** Operations in the order of node_exporter, which swaps GetDeviceInfo and LayoutGet compared with the kernel. */
const CLIENT_VERSION_4 = (
  "Null Read Write Commit Open OpenConfirm OpenNoattr OpenDowngrade Close Setattr FsInfo Renew SetClientID " +
  "SetClientIDConfirm Lock Lockt Locku Access Getattr Lookup LookupRoot Remove Rename Link Symlink Create Pathconf " +
  "StatFs ReadLink ReadDir ServerCaps DelegReturn GetACL SetACL FsLocations ReleaseLockowner Secinfo FsidPresent " +
  "ExchangeID CreateSession DestroySession Sequence GetLeaseTime ReclaimComplete GetDeviceInfo LayoutGet " +
  "LayoutCommit LayoutReturn SecinfoNoName TestStateID FreeStateID GetDeviceList BindConnToSession DestroyClientID " +
  "Seek Allocate DeAllocate LayoutStats Clone"
).split(" ");

const metrics = {
  packets: counter("node_nfs_packets_total", "Total NFSd network packets (sent+received) by protocol type.", [
    "protocol",
  ]),
  connections: counter("node_nfs_connections_total", "Total number of NFSd TCP connections."),
  rpcs: counter("node_nfs_rpcs_total", "Total number of RPCs performed."),
  retransmissions: counter("node_nfs_rpc_retransmissions_total", "Number of RPC transmissions performed."),
  refreshes: counter(
    "node_nfs_rpc_authentication_refreshes_total",
    "Number of RPC authentication refreshes performed.",
  ),
  requests: counter("node_nfs_requests_total", "Number of NFS procedures invoked.", ["proto", "method"]),
};

/** Exports NFS client statistics from /proc/net/rpc/nfs. */
export const nfs = defineCollector({
  name: "nfs",
  enabled: true,
  metrics,
  collect({ proc }, emit) {
    const lines = readRpc(proc, "net/rpc/nfs", CLIENT);
    const [, udp = 0, tcp = 0, connections = 0] = lines.get("net") ?? [];
    emit.packets(udp, "udp");
    emit.packets(tcp, "tcp");
    emit.connections(connections);
    const [rpcs = 0, retransmissions = 0, refreshes = 0] = lines.get("rpc") ?? [];
    emit.rpcs(rpcs);
    emit.retransmissions(retransmissions);
    emit.refreshes(refreshes);
    emitProcedures(emit, "2", VERSION_2, lines.get("proc2"));
    emitProcedures(emit, "3", VERSION_3, lines.get("proc3"));
    emitProcedures(emit, "4", CLIENT_VERSION_4, lines.get("proc4"));
  },
});

/**
 * Number of values in a line of the NFS statistics, by the first word of the line. Undefined means that the first value
 * of the line is the number of values that follow.
 */
type Layout = Readonly<Record<string, number | undefined>>;

const CLIENT: Layout = { net: 4, rpc: 3, proc2: undefined, proc3: undefined, proc4: undefined };
const SERVER: Layout = {
  rc: 3,
  fh: 5,
  io: 2,
  th: 2,
  ra: 12,
  net: 4,
  rpc: 5,
  proc2: undefined,
  proc3: undefined,
  proc4: undefined,
  proc4ops: undefined,
  wdeleg_getattr: 1,
};
/** Smallest number of procedures in a line, by the line's first word. The oldest kernels write this number. */
const FEWEST: Readonly<Record<string, number>> = { proc2: 18, proc3: 22, proc4ops: 39 };

/** Returns the numbers of each line by its first word. Throws NoDataError if NFS is not loaded. */
function readRpc(proc: FileTree, path: string, layout: Layout): Map<string, number[]> {
  let text: string;
  try {
    text = proc.read(path);
  } catch (error) {
    if (isMissing(error)) throw new NoDataError("no NFS", { cause: error });
    throw error;
  }
  return new Map(
    linesOf(text).map((line) => {
      const [word = "", ...texts] = fieldsOf(line);
      // Ignores the values after the number of threads, which were a histogram in old kernels.
      const numbers = (word === "th" ? texts.slice(0, 2) : texts).map((text) => unsignedOf(text, `${path}: ${word}`));
      if (!Object.hasOwn(layout, word) || !isWhole(numbers, layout[word], FEWEST[word] ?? 0))
        throw new Error(`${path}: malformed line "${line}"`);
      return [word, numbers];
    }),
  );
}

/** Returns whether a line has the required number of values, or the number that its first value announces. */
function isWhole([first, ...others]: readonly number[], length: number | undefined, fewest: number): boolean {
  if (first === undefined) return false;
  return length === undefined ? others.length === first && first >= fewest : others.length + 1 === length;
}

type Requests = Pick<Emitter<typeof metrics>, "requests">;

/** Emits the procedure counts of a line. The first number of the line is the number of counts. Missing counts are 0. */
function emitProcedures(
  emit: Requests,
  version: string,
  names: readonly string[],
  numbers: readonly number[] = [0],
): void {
  names.forEach((name, i) => emit.requests(numbers[i + 1] ?? 0, version, name));
}

/** Operations of version 4 in the order of their numbers in the protocol, starting with 3. */
const SERVER_OPERATIONS = (
  "Access Close Commit Create DelegPurge DelegReturn GetAttr GetFH Link Lock Lockt Locku Lookup LookupP Nverify Open " +
  "OpenAttr OpenConfirm OpenDgrd PutFH PutPubFH PutRootFH Read ReadDir ReadLink Remove Rename Renew RestoreFH SaveFH " +
  "SecInfo SetAttr SetClientID SetClientIDConfirm Verify Write RelLockOwner"
).split(" ");
const FIRST_OPERATION = 3;

/** Operations of NFS version 4 that node_exporter omits. */
const HIDDEN_OPERATIONS = new Set(["PutPubFH", "PutRootFH"]);
/** Names under which node_exporter exports operations, if they differ from those of the protocol. */
const OPERATION_NAMES: Readonly<Record<string, string>> = { LookupP: "LookupRoot" };

/** Exports NFS server statistics from /proc/net/rpc/nfsd. */
export const nfsd = defineCollector({
  name: "nfsd",
  enabled: true,
  metrics: {
    cacheHits: counter(
      "node_nfsd_reply_cache_hits_total",
      "Total number of NFSd Reply Cache hits (client lost server response).",
    ),
    cacheMisses: counter(
      "node_nfsd_reply_cache_misses_total",
      "Total number of NFSd Reply Cache an operation that requires caching (idempotent).",
    ),
    cacheUnused: counter(
      "node_nfsd_reply_cache_nocache_total",
      "Total number of NFSd Reply Cache non-idempotent operations (rename/delete/…).",
    ),
    stale: counter("node_nfsd_file_handles_stale_total", "Total number of NFSd stale file handles"),
    read: counter("node_nfsd_disk_bytes_read_total", "Total NFSd bytes read."),
    written: counter("node_nfsd_disk_bytes_written_total", "Total NFSd bytes written."),
    threads: gauge("node_nfsd_server_threads", "Total number of NFSd kernel threads that are running."),
    readAhead: gauge("node_nfsd_read_ahead_cache_size_blocks", "How large the read ahead cache is in blocks."),
    readAheadMisses: counter(
      "node_nfsd_read_ahead_cache_not_found_total",
      "Total number of NFSd read ahead cache not found.",
    ),
    packets: counter("node_nfsd_packets_total", "Total NFSd network packets (sent+received) by protocol type.", [
      "proto",
    ]),
    connections: counter("node_nfsd_connections_total", "Total number of NFSd TCP connections."),
    errors: counter("node_nfsd_rpc_errors_total", "Total number of NFSd RPC errors by error type.", ["error"]),
    rpcs: counter("node_nfsd_server_rpcs_total", "Total number of NFSd RPCs."),
    requests: counter("node_nfsd_requests_total", "Total number NFSd Requests by method and protocol.", [
      "proto",
      "method",
    ]),
  },
  collect({ proc }, emit) {
    const lines = readRpc(proc, "net/rpc/nfsd", SERVER);
    const at = (word: string, index: number): number => lines.get(word)?.[index] ?? 0;
    emit.cacheHits(at("rc", 0));
    emit.cacheMisses(at("rc", 1));
    emit.cacheUnused(at("rc", 2));
    emit.stale(at("fh", 0));
    emit.read(at("io", 0));
    emit.written(at("io", 1));
    emit.threads(at("th", 0));
    emit.readAhead(at("ra", 0));
    emit.readAheadMisses(at("ra", 11));
    emit.packets(at("net", 1), "udp");
    emit.packets(at("net", 2), "tcp");
    emit.connections(at("net", 3));
    emit.rpcs(at("rpc", 0));
    emit.errors(at("rpc", 2), "fmt");
    emit.errors(at("rpc", 3), "auth");
    emit.errors(at("rpc", 4), "cInt");
    const shown: Requests = {
      requests: (value, version = "", name = "") => name !== "Null" && emit.requests(value, version, name),
    };
    emitProcedures(shown, "2", VERSION_2, lines.get("proc2"));
    emitProcedures(shown, "3", VERSION_3, lines.get("proc3"));
    SERVER_OPERATIONS.forEach((name, i) => {
      if (!HIDDEN_OPERATIONS.has(name))
        emit.requests(at("proc4ops", FIRST_OPERATION + i + 1), "4", OPERATION_NAMES[name] ?? name);
    });
    emit.requests(at("wdeleg_getattr", 0), "4", "WdelegGetattr");
  },
});
