import { storeContract } from "./contract.ts";
import { exchangeContract } from "./exchange-contract.ts";
import { sharedStoreContract } from "./shared-contract.ts";
import { SharedMemory } from "./shared-memory.ts";

storeContract("shared memory", async () => {
  const database = new SharedMemory();
  const store = database.open();
  return { store, reopen: async () => database.open() };
});

sharedStoreContract("shared memory", async (instances) => {
  const database = new SharedMemory();
  return Array.from({ length: instances }, () => database.open());
});

exchangeContract("shared memory", async (instances) => {
  const database = new SharedMemory();
  return Array.from({ length: instances }, () => database.open());
});
