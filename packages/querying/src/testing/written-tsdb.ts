import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSeriesDescription } from "@narthex/promql";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { openTsdb, type Tsdb } from "@narthex/tsdb";

/** Time of the first sample, ms: the start of a block. */
export const START = 7_200_000 * 200_000;

export interface WrittenTsdb extends AsyncDisposable {
  readonly dir: string;
  readonly db: Tsdb;
}

/**
 * Opens a database with the given series, described as in `load` commands of promqltest scripts, with one value every
 * `stepMs`. Only the newest values are in the head; older values are in blocks on disk.
 */
export async function writtenTsdb(stepMs: number, descriptions: readonly string[]): Promise<WrittenTsdb> {
  const dir = mkdtempSync(join(tmpdir(), "narthex-querying-"));
  const db = await openTsdb(dir, { clock: new ManualClock(), logger: memoryLogger(), lockFile: false, retentionMs: 0 });
  const app = db.appendable.appender();
  for (const description of descriptions) {
    const parsed = parseSeriesDescription(description);
    if (!parsed.ok) throw new Error(`${description}: not a series`);
    const ref = app.series(parsed.labels);
    const batch = createSampleBatch(parsed.values.length);
    parsed.values.forEach((value, i) => {
      const time = START + i * stepMs;
      if (value.kind === "histogram") app.appendHistogram(ref, time, value.histogram);
      if (value.kind !== "float") return;
      batch.refs[batch.count] = ref;
      batch.timestamps[batch.count] = time;
      batch.values[batch.count++] = value.value;
    });
    app.append(batch);
  }
  await app.commit();
  await db.compactNow();
  return {
    dir,
    db,
    async [Symbol.asyncDispose]() {
      await db.close();
      rmSync(dir, { recursive: true });
    },
  };
}
