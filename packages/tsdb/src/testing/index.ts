export { DiskFaults, type FaultRates, NO_FAULTS } from "./disk-faults.ts";
export { SimulatedDisk } from "./simulated-disk.ts";
export { simulate, SimulationFailure, type SimulationReport } from "./simulation.ts";
