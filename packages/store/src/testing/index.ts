export { storeContract } from "./contract.ts";
export { exchangeContract } from "./exchange-contract.ts";
export { sharedStoreContract } from "./shared-contract.ts";
export { SharedMemory } from "./shared-memory.ts";
