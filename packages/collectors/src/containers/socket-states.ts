import type { Steps } from "@narthex/runtime";
import type { FileTree } from "../host-files/host-files.ts";
import type { Reading } from "./reading.ts";

/** cAdvisor's names of the kernel's TCP states, by number. */
const TCP_STATES = [
  undefined,
  "established",
  "synsent",
  "synrecv",
  "finwait1",
  "finwait2",
  "timewait",
  "close",
  "closewait",
  "lastack",
  "listen",
  "closing",
] as const;

/** State number of a UDP socket without a peer. */
const UDP_LISTENS = "07";

/** Number of lines that are read between two yields to the event loop. */
const STEP = 1000;

/** Counts the TCP sockets in a process's network namespace by state. */
export function* readingTcp(proc: FileTree, pid: string, into: Reading): Steps<void> {
  for (const key of ["tcp", "tcp6"] as const) {
    const counts = new Map<string, number>(TCP_STATES.flatMap((state) => (state === undefined ? [] : [[state, 0]])));
    const isThere = yield* eachSocket(proc, `${pid}/net/${key}`, ([, , , state = ""]) => {
      const name = TCP_STATES[Number.parseInt(state, 16)];
      if (name !== undefined) counts.set(name, counts.get(name)! + 1);
    });
    if (isThere) for (const [state, count] of counts) into.add(key, count, state);
  }
}

/** Counts the UDP sockets in a process's network namespace, with their dropped packets and queued bytes. */
export function* readingUdp(proc: FileTree, pid: string, into: Reading): Steps<void> {
  for (const key of ["udp", "udp6"] as const) {
    const counts = { dropped: 0, listen: 0, rxqueued: 0, txqueued: 0 };
    const isThere = yield* eachSocket(proc, `${pid}/net/${key}`, (columns) => {
      const [sent = "", received = ""] = columns[4]?.split(":") ?? [];
      if (columns[3] === UDP_LISTENS) counts.listen++;
      counts.txqueued += Number.parseInt(sent, 16) || 0;
      counts.rxqueued += Number.parseInt(received, 16) || 0;
      counts.dropped += Number(columns[12]) || 0;
    });
    if (isThere) for (const [state, count] of Object.entries(counts)) into.add(key, count, state);
  }
}

/** Calls `use` with the columns of each socket in a file. Returns false if the file does not exist. */
function* eachSocket(proc: FileTree, path: string, use: (columns: readonly string[]) => void): Steps<boolean> {
  const lines = proc.value(path)?.split("\n");
  if (lines === undefined) return false;
  for (const [i, line] of lines.entries()) {
    if (i % STEP === STEP - 1) yield;
    // Skips the header line.
    if (i > 0 && line !== "") use(line.trim().split(/ +/));
  }
  return true;
}
