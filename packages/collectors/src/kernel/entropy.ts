import { defineCollector } from "../collector.ts";
import { numberOf } from "../kernel-text.ts";
import { gauge } from "../metric.ts";

/** The kernel's random number pool: /proc/sys/kernel/random. */
export const entropy = defineCollector({
  name: "entropy",
  enabled: true,
  metrics: {
    available: gauge("node_entropy_available_bits", "Bits of available entropy."),
    poolSize: gauge("node_entropy_pool_size_bits", "Bits of entropy pool."),
  },
  collect({ proc }, emit) {
    emit.available(numberOf(proc.read("sys/kernel/random/entropy_avail"), "entropy_avail"));
    emit.poolSize(numberOf(proc.read("sys/kernel/random/poolsize"), "poolsize"));
  },
});
