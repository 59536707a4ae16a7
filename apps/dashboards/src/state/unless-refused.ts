import { StoreError } from "@narthex/store";

/**
 * Makes a change that is not essential, such as storing the time of a last use. Returns undefined if the store refuses
 * the change, for example on a full disk.
 */
export async function unlessRefused<T>(change: () => Promise<T>): Promise<T | undefined> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}
