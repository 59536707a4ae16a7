import { type Collection, type Entry, StoreError, StoreUnavailableError } from "@narthex/store";
import { RefusedRequest } from "./refused-request.ts";

/**
 * Writes the entries of a client's request to the store. If the store does not accept the entries, rejects with a
 * RefusedRequest that contains the reason.
 * @param what noun of the message: `the silence`
 */
export async function storeEntries(collection: Collection, entries: readonly Entry[], what: string): Promise<void> {
  try {
    await collection.change(entries, []);
  } catch (cause) {
    if (cause instanceof StoreUnavailableError) {
      throw new RefusedRequest(`${what} was not stored, try again: ${cause.message}`, 503);
    }
    if (cause instanceof StoreError) throw new RefusedRequest(`${what} was not stored: ${cause.message}`, 500);
    throw cause;
  }
}
