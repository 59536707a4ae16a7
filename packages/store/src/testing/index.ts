export { storeContract } from "./contract.ts";
export { exchangeContract } from "./exchange-contract.ts";
export { sharedStoreContract } from "./shared-contract.ts";
export { SharedMemory, type SharedStore } from "./shared-memory.ts";
