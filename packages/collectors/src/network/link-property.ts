import { type gauge, type MetricSpec } from "../metric.ts";

/** Labels of metrics of a network device. */
export const DEVICE = ["device"];

/** A property of network devices, named as node_exporter names it. */
export const property = (kind: typeof gauge, name: string): MetricSpec =>
  kind(`node_network_${name}`, `Network device property: ${name}`, DEVICE);

/** Speeds are told in Mbit/s and shown in bytes per second. */
export const BYTES_PER_MEGABIT = 1_000_000 / 8;
