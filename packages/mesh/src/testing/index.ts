export { MemoryNetwork } from "./memory-network.ts";
export { countingObserver } from "./mesh-rig.ts";
