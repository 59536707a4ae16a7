import { defineCollector } from "../collector.ts";
import { signedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

const LABELS = ["device", "swap_type"];

/** Exports each swap device and file from /proc/swaps. */
export const swap = defineCollector({
  name: "swap",
  enabled: false,
  metrics: {
    size: gauge("node_swap_size_bytes", "Swap device size in bytes.", LABELS),
    used: gauge("node_swap_used_bytes", "Swap device used in bytes.", LABELS),
    priority: gauge("node_swap_priority", "Swap device priority.", LABELS),
  },
  collect({ proc }, emit) {
    const [, ...lines] = linesOf(proc.read("swaps"));
    for (const { device, type, sizeKib, usedKib, priority } of lines.map(parse)) {
      emit.size(sizeKib * 1024, device, type);
      emit.used(usedKib * 1024, device, type);
      emit.priority(priority, device, type);
    }
  },
});

function parse(line: string): { device: string; type: string; sizeKib: number; usedKib: number; priority: number } {
  const [device, type, size, used, priority] = fieldsOf(line);
  if (device === undefined || type === undefined || priority === undefined)
    throw new Error(`swaps: expected device, type, size, used and priority in "${line}"`);
  return {
    device,
    type,
    sizeKib: signedOf(size, `size of swap ${device}`),
    usedKib: signedOf(used, `use of swap ${device}`),
    priority: signedOf(priority, `priority of swap ${device}`),
  };
}
