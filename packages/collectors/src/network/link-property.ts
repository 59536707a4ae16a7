import { type gauge, type MetricSpec } from "../metric.ts";

export const DEVICE = ["device"];

/** Returns the metric of a property of network devices, with node_exporter's name. */
export const property = (kind: typeof gauge, name: string): MetricSpec =>
  kind(`node_network_${name}`, `Network device property: ${name}`, DEVICE);

/** Factor from Mbit/s, the kernel's unit of speeds, to bytes per second. */
export const BYTES_PER_MEGABIT = 1_000_000 / 8;
