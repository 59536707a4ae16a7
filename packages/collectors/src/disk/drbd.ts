import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { isMissing } from "../host-files/host-files.ts";
import { floatOf, unsignedOrNone } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter, gauge } from "../metric.ts";

const KIB = 1024;

const metrics = {
  ns: counter("node_drbd_network_sent_bytes_total", "Total number of bytes sent via the network.", ["device"]),
  nr: counter("node_drbd_network_received_bytes_total", "Total number of bytes received via the network.", ["device"]),
  dw: counter("node_drbd_disk_written_bytes_total", "Net data written on local hard disk; in bytes.", ["device"]),
  dr: counter("node_drbd_disk_read_bytes_total", "Net data read from local hard disk; in bytes.", ["device"]),
  al: counter("node_drbd_activitylog_writes_total", "Number of updates of the activity log area of the meta data.", [
    "device",
  ]),
  bm: counter("node_drbd_bitmap_writes_total", "Number of updates of the bitmap area of the meta data.", ["device"]),
  lo: gauge("node_drbd_local_pending", "Number of open requests to the local I/O sub-system.", ["device"]),
  pe: gauge(
    "node_drbd_remote_pending",
    "Number of requests sent to the peer, but that have not yet been answered by the latter.",
    ["device"],
  ),
  ua: gauge(
    "node_drbd_remote_unacknowledged",
    "Number of requests received by the peer via the network connection, but that have not yet been answered.",
    ["device"],
  ),
  ap: gauge(
    "node_drbd_application_pending",
    "Number of block I/O requests forwarded to DRBD, but not yet answered by DRBD.",
    ["device"],
  ),
  ep: gauge("node_drbd_epochs", "Number of Epochs currently on the fly.", ["device"]),
  oos: gauge("node_drbd_out_of_sync_bytes", "Amount of data known to be out of sync; in bytes.", ["device"]),
  ro: gauge("node_drbd_node_role_is_primary", "Whether the role of the node is in the primary state.", [
    "device",
    "node",
  ]),
  ds: gauge("node_drbd_disk_state_is_up_to_date", "Whether the disk of the node is up to date.", ["device", "node"]),
  cs: gauge("node_drbd_connected", "Whether DRBD is connected to the peer.", ["device"]),
};

/** Keys of numbers in KiB that are converted to bytes. `nr` is also in KiB, but node_exporter does not convert it. */
const IN_KIB = new Set(["ns", "dw", "dr", "oos"]);
const AS_THEY_STAND = new Set(["nr", "al", "bm", "lo", "pe", "ua", "ap", "ep"]);
/** The value that counts as good for each state of a DRBD device, by the state's key in /proc/drbd. */
const GOOD_STATES: Readonly<Record<string, string>> = { ro: "Primary", ds: "UpToDate" };

/** Exports disks that DRBD 8 mirrors over the network, from /proc/drbd. */
export const drbd = defineCollector({
  name: "drbd",
  enabled: false,
  metrics,
  collect({ proc }, emit) {
    let text: string;
    try {
      text = proc.read("drbd");
    } catch (error) {
      if (isMissing(error)) throw new NoDataError("no DRBD", { cause: error });
      throw error;
    }
    let device = "unknown";
    for (const word of linesOf(text).flatMap(fieldsOf)) {
      const [key = "", value, ...more] = word.split(":");
      if (value === undefined || more.length > 0) continue;
      if (value === "" && unsignedOrNone(key) !== undefined) device = `drbd${BigInt(key)}`;
      else emitPair(emit, device, key, value);
    }
  },
});

function emitPair(emit: Emitter<typeof metrics>, device: string, key: string, value: string): void {
  if (IN_KIB.has(key) || AS_THEY_STAND.has(key)) {
    const number = floatOf(value, `drbd: ${key} of ${device}`);
    emit[key as keyof typeof metrics](IN_KIB.has(key) ? number * KIB : number, device);
  } else if (key === "ro" || key === "ds") {
    const [local, remote] = value.split("/");
    const valueOf = (state: string | undefined): number => (state === GOOD_STATES[key] ? 1 : 0);
    emit[key](valueOf(local), device, "local");
    if (remote === undefined) throw new Error(`drbd: expected ${key}:LOCAL/REMOTE of ${device}, got "${value}"`);
    emit[key](valueOf(remote), device, "remote");
  } else if (key === "cs") {
    emit.cs(value === "Connected" ? 1 : 0, device);
  }
}
