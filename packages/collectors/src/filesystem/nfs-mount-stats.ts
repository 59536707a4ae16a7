import { signedOf, unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";

export interface MountStats {
  readonly device: string;
  readonly mountPoint: string;
  /** NFS statistics of the mount; undefined for other file system types, which have no statistics. */
  readonly nfs?: NfsStats;
}

/** Statistics of an NFS client for one mount. */
export interface NfsStats {
  ageSeconds: number;
  /** Eight byte counts in the kernel's order; all are 0 if the line is missing. */
  bytes: readonly number[];
  /** 27 event counts in the kernel's order; all are 0 if the line is missing. */
  events: readonly number[];
  readonly transports: NfsTransport[];
  readonly operations: NfsOperation[];
}

/** Statistics of one connection to the NFS server. */
interface NfsTransport {
  readonly protocol: string;
  /**
   * Port, binds, connects, connect time, idle time, sends, receives, bad ids, requests, backlog, slots, sending queue,
   * pending queue. A count that the protocol or the version of the statistics does not have is 0.
   */
  readonly counts: readonly number[];
}

/** Statistics of one procedure of the NFS protocol. */
interface NfsOperation {
  readonly name: string;
  /**
   * Requests, transmissions, timeouts, bytes sent, bytes received, then ms in the queue, until the response, and in
   * total.
   */
  readonly counts: readonly number[];
}

/** Number of words in `device D mounted on M with fstype T`. The line has more words if statistics follow. */
const DEVICE_WORDS = 8;
const DEVICE_FORMAT: readonly (readonly [at: number, word: string])[] = [
  [0, "device"],
  [2, "mounted"],
  [3, "on"],
  [5, "with"],
  [6, "fstype"],
];

const BYTES_COUNTS = 8;
const EVENTS_COUNTS = 27;
const OPERATION_COUNTS = 8;
/** Index of the first time among an operation's counts. */
const FIRST_TIME = 5;
/** Index of the idle time among a transport's counts (TCP, RDMA). */
const IDLE_TIME = 4;

/** Number of low bits of a time that node_exporter keeps. The kernel prints a negative time as a count near 2^64. */
const TIME_BITS = 53;

/** Number of counts in a transport line, by version of the statistics and protocol. */
const TRANSPORT_COUNTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "1.0": { tcp: 10, udp: 7 },
  "1.1": { tcp: 13, udp: 10, rdma: 20 },
};
/** Maximum number of counts in an RDMA line. Newer kernels write longer lines. */
const RDMA_COUNTS_MAX = 31;
/** Number of counts that RDMA and TCP have in common. RDMA does not have the slots and the two queues. */
const RDMA_COUNTS_SHARED = 10;

/** Reads /proc/PID/mountstats. Throws if a line is not in the format of a known kernel. */
export function parseMountStats(text: string): MountStats[] {
  const lines = linesOf(text)[Symbol.iterator]();
  const mounts: MountStats[] = [];
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    const words = fieldsOf(next.value);
    if (words[0] !== "device") continue;
    if (words.length < DEVICE_WORDS || DEVICE_FORMAT.some(([at, word]) => words[at] !== word))
      throw new Error(`mountstats: expected "device D mounted on M with fstype T", got "${next.value}"`);
    const [, device = "", , , mountPoint = "", , , type = "", version] = words;
    if (version === undefined) {
      mounts.push({ device, mountPoint });
    } else {
      if (type !== "nfs" && type !== "nfs4")
        throw new Error(`mountstats: the statistics of file systems of type ${type} are not supported`);
      mounts.push({ device, mountPoint, nfs: parseNfs(lines, version.replace(/^statvers=/, "")) });
    }
  }
  return mounts;
}

/** Reads the statistics of a mount up to the empty line after the operations. */
function parseNfs(lines: Iterator<string, undefined>, version: string): NfsStats {
  const none = (count: number): number[] => Array.from({ length: count }, () => 0);
  const stats: NfsStats = {
    ageSeconds: 0,
    bytes: none(BYTES_COUNTS),
    events: none(EVENTS_COUNTS),
    transports: [],
    operations: [],
  };
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    const [word, ...values] = fieldsOf(next.value);
    if (word === undefined || word === "per-op") break;
    parseNfsLine(stats, word, values, version);
  }
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    const [word, ...values] = fieldsOf(next.value);
    if (word === undefined) break;
    if (values.length < OPERATION_COUNTS)
      throw new Error(`mountstats: expected at least ${OPERATION_COUNTS} counts of operation ${word}`);
    const name = word.endsWith(":") ? word.slice(0, -1) : word;
    stats.operations.push({ name, counts: values.map((value, i) => countOrTime(value, word, i >= FIRST_TIME)) });
  }
  return stats;
}

function parseNfsLine(stats: NfsStats, word: string, values: readonly string[], version: string): void {
  switch (word) {
    case "opts:":
      if (values.length === 0) throw new Error("mountstats: the options of a mount are missing");
      break;
    case "age:":
      stats.ageSeconds = signedOf(values[0], "mountstats: age");
      break;
    case "bytes:":
      stats.bytes = countsOf(word, values, BYTES_COUNTS);
      break;
    case "events:":
      stats.events = countsOf(word, values, EVENTS_COUNTS);
      break;
    case "xprt:":
      stats.transports.push(parseTransport(values, version));
      break;
    default:
  }
}

function countOrTime(text: string, word: string, isTime: boolean): number {
  const count = unsignedOf(text, `mountstats: ${word}`);
  return isTime && !Number.isSafeInteger(count) ? Number(BigInt.asUintN(TIME_BITS, BigInt(text))) : count;
}

function countsOf(word: string, values: readonly string[], expected: number): number[] {
  if (values.length !== expected)
    throw new Error(`mountstats: expected ${expected} counts after "${word}", got ${values.length}`);
  return values.map((value) => unsignedOf(value, `mountstats: ${word}`));
}

function parseTransport([protocol = "", ...values]: readonly string[], version: string): NfsTransport {
  const expected = TRANSPORT_COUNTS[version]?.[protocol];
  if (expected === undefined)
    throw new Error(`mountstats: version "${version}" of the statistics has no transport "${protocol}"`);
  const most = protocol === "rdma" ? RDMA_COUNTS_MAX : expected;
  if (values.length < expected || values.length > most)
    throw new Error(`mountstats: expected ${expected} counts of transport ${protocol}, got ${values.length}`);
  const hasIdleTime = protocol !== "udp";
  const numbers = values.map((value, i) => countOrTime(value, `transport ${protocol}`, hasIdleTime && i === IDLE_TIME));
  return { protocol, counts: inOrderOfTcp(protocol, numbers) };
}

function inOrderOfTcp(protocol: string, counts: readonly number[]): number[] {
  // Inserts zeros for the connection counts, since UDP has no connections.
  if (protocol === "udp") return [...counts.slice(0, 2), 0, 0, 0, ...counts.slice(2)];
  return protocol === "rdma" ? counts.slice(0, RDMA_COUNTS_SHARED) : [...counts];
}
