export { LastWriterWins } from "./lww-state.ts";
export { MemoryNetwork } from "./memory-network.ts";
export { countingObserver, type Instance, MeshRig, namesAt } from "./mesh-rig.ts";
