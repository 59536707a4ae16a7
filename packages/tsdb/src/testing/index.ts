export { DiskFaults, type FaultRates, NO_FAULTS } from "./disk-faults.ts";
export { SimulatedDisk } from "./simulated-disk.ts";
export { simulate, SimulationFailure } from "./simulation.ts";
export type { SimulationReport } from "./simulation-report.ts";
export type { HeldResources } from "./held-resources.ts";
export { leaks, quarters, soak, type SoakPlan, type SoakReport } from "./soak.ts";
export { histogramRecordType, writeHistograms } from "../wal/histogram-records.ts";
export { writeExemplars, writeMetadata, writeSamples, writeSeries } from "../wal/records.ts";
export { WalWriter } from "../wal/writer.ts";
