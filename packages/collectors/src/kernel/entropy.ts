import { defineCollector } from "../collector.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { gauge } from "../metric.ts";

/** Exports the state of the kernel's random number pool from /proc/sys/kernel/random. */
export const entropy = defineCollector({
  name: "entropy",
  enabled: true,
  metrics: {
    available: gauge("node_entropy_available_bits", "Bits of available entropy."),
    poolSize: gauge("node_entropy_pool_size_bits", "Bits of entropy pool."),
  },
  collect({ proc }, emit) {
    const available = unsignedOf(proc.read("sys/kernel/random/entropy_avail").trim(), "entropy_avail");
    emit.available(available);
    emit.poolSize(unsignedOf(proc.read("sys/kernel/random/poolsize").trim(), "poolsize"));
  },
});
