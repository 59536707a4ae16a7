import { Labels } from "@narthex/model";
import { createLogger, systemClock } from "@narthex/runtime";
import { createSampleBatch } from "@narthex/storage";
import { openTsdb } from "@narthex/tsdb";
import { siteSeries } from "./query-data.ts";

export interface LogContent {
  readonly series: number;
  readonly samples: number;
  readonly walBytes: number;
}

const INTERVAL_MS = 15_000;
const HOSTS = 50;

const labelsOf = (i: number): Labels =>
  Labels.of({
    __name__: `http_requests_${i % 40}_total`,
    instance: `host-${i % HOSTS}.eu-west-1.example.org:9100`,
    job: `service-${i % 7}`,
    method: ["GET", "POST", "PUT", "DELETE"][i % 4]!,
    handler: `/api/v1/things/${i % 400}`,
    status: String(200 + (i % 5)),
    zone: `zone-${i % 3}`,
    shard: String(i),
  });

/**
 * Returns a generated value. The series number determines the kind of series: slow, fast or irregular counter, gauge,
 * or constant.
 */
function valueOf(series: number, round: number): number {
  switch (series % 5) {
    case 0:
      return round * ((series % 11) + 1);
    case 1:
      return round * 1000 + ((series * 31 + round * 17) % 500);
    case 2:
      return Math.round(Math.sin(series + round / 20) * 10_000) / 100;
    case 3:
      return series;
    default:
      return Math.floor(round / 8) * 3;
  }
}

/** Fills a data folder with series of 8 labels and one sample every 15 s, up to now. Closes the folder afterwards. */
export const fillLog = (dir: string, series: number, hours: number): Promise<LogContent> =>
  fillWith(dir, hours, { count: series, labelsOf, valueOf });

/** Fills a data folder like fillLog(), with the series of a small site. Resolves with the number of series. */
export async function fillSiteLog(dir: string, hours: number): Promise<number> {
  const series = siteSeries();
  await fillWith(dir, hours, {
    count: series.length,
    labelsOf: (i) => series[i]!.labels,
    valueOf: (i, round) => series[i]!.valueAt(round),
  });
  return series.length;
}

interface SeriesSource {
  readonly count: number;
  readonly labelsOf: (series: number) => Labels;
  readonly valueOf: (series: number, round: number) => number;
}

async function fillWith(dir: string, hours: number, source: SeriesSource): Promise<LogContent> {
  const { count: series } = source;
  const logger = createLogger({ level: "error", format: "logfmt", clock: systemClock, write: () => {} });
  const db = await openTsdb(dir, { clock: systemClock, logger });
  const rounds = Math.round((hours * 3_600_000) / INTERVAL_MS);
  const start = systemClock.now() - rounds * INTERVAL_MS;
  const batch = createSampleBatch(series);
  for (let round = 0; round < rounds; round++) {
    const appender = db.appendable.appender();
    if (round === 0) for (let i = 0; i < series; i++) batch.refs[i] = appender.series(source.labelsOf(i));
    for (let i = 0; i < series; i++) {
      batch.timestamps[i] = Math.floor(start + round * INTERVAL_MS + (i % INTERVAL_MS));
      batch.values[i] = source.valueOf(i, round);
    }
    batch.count = series;
    appender.append(batch);
    await appender.commit();
  }
  const walBytes = db.collect()["prometheus_tsdb_wal_storage_size_bytes"]!;
  await db.close();
  return { series, samples: series * rounds, walBytes };
}
