import { type Logger, logOnChange } from "@narthex/runtime";
import type { Entry } from "@narthex/store";

/**
 * Returns a function that parses the entries of a collection. An invalid entry is skipped and logged, so that a damaged
 * row in a shared database does not stop every instance.
 * @param read throws an Error if it cannot parse the entry
 */
export function entryReader<T>(
  collection: string,
  logger: Logger,
  read: (entry: Entry) => T,
): (entries: readonly Entry[]) => readonly T[] {
  const stateLog = logOnChange(logger, `Reading entries of the collection ${collection}`);
  return (entries) => {
    const found: T[] = [];
    for (const entry of entries) {
      try {
        found.push(read(entry));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        stateLog.failed(`the entry ${JSON.stringify(entry.key)} is ignored, remove it from the store: ${reason}`);
      }
    }
    return found;
  };
}
