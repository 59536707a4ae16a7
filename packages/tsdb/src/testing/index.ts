export { NO_FAULTS } from "./disk-faults.ts";
export { SimulatedDisk } from "./simulated-disk.ts";
export { simulate } from "./simulation.ts";
export type { HeldResources } from "./held-resources.ts";
export { leaks, quarters, soak } from "./soak.ts";
export { histogramRecordType, writeHistograms } from "../wal/histogram-records.ts";
export { writeExemplars, writeMetadata, writeSamples, writeSeries } from "../wal/records.ts";
export { WalWriter } from "../wal/writer.ts";
