import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { appendSeries } from "../../../support/append-series.ts";
import { SLICE_MS, writtenSlice } from "../../promql/differential/query-series.ts";

const HOUR = 3_600_000;
const HOURS = 5;

/** Start of the stored samples, Unix time in ms. */
export const DATA_START: number = 54 * HOUR * 8000;
/** End of the stored samples, Unix time in ms. */
export const DATA_END: number = DATA_START + HOURS * HOUR;

/**
 * Writes series of all kinds into a data folder. The samples of the last hours are in the write-ahead log, older
 * samples in blocks.
 */
export async function writeStoredData(dir: string): Promise<void> {
  await using db = await openTsdb(dir, { clock: new ManualClock(DATA_START), logger: memoryLogger() });
  for (let slice = 0; slice * SLICE_MS < HOURS * HOUR; slice++) {
    // oxlint-disable no-await-in-loop -- slices are appended in order of time
    await appendSeries(db.appendable, writtenSlice(DATA_START, slice));
    await db.maintain();
  }
}
