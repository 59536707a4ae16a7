import { Random } from "../../../support/random.ts";
import type { WrittenSeries } from "../../../support/remote-write.ts";
import { inOrder, placedSeries } from "../live/live-data.ts";

/** Seconds from the beginning of one episode to the beginning of the next. */
export const EPISODE_S = 36;
/** Seconds in which an episode has samples. Then its alerts end. */
const ACTIVE_S = 28;
/** Seconds in which `Pulse` alerts of an episode fire. In the last of them, Alertmanager notifies the ends of other alerts. */
export const PULSE_S = 42;

const INSTANCES = ["a", "b", "c", "d"];

/**
 * Returns the series of an episode, with a sample in the middle of each second. Their label `episode` keeps the alerts
 * of an episode apart from those of others.
 */
export function episodeSeries(seed: number, episode: number, beginMs: number): WrittenSeries[] {
  const random = new Random(seed * 10_000 + episode);
  const firstMs = beginMs + episode * EPISODE_S * 1000 + 500;
  const times = { firstMs, intervalMs: 1000, fromMs: 0 };
  const place = (metric: string, values: string, seconds = ACTIVE_S): WrittenSeries[] =>
    placedSeries(`${metric} ${values}`, { episode: String(episode) }, { ...times, untilMs: firstMs + seconds * 1000 });
  const series = INSTANCES.flatMap((instance, i) => {
    const labels = `{instance="${instance}", team="${i % 2 === 0 ? "x" : "y"}"}`;
    return [
      ...place(`level${labels}`, levels(random)),
      ...place(`done_total${labels}`, counts(random)),
      ...place(`gate${labels}`, `1x${ACTIVE_S}`),
    ];
  });
  return inOrder([...series, ...place("pulse", `0+1x${PULSE_S}`, PULSE_S)]);
}

/** Returns levels from 0 to 9, each for some seconds, with gaps and ends. */
function levels(random: Random): string {
  const values: string[] = [];
  while (values.length <= ACTIVE_S) {
    const seconds = 1 + random.below(6);
    const level = random.weighted([
      [6, String(random.below(10))],
      [1, "_"],
      [1, "stale"],
    ]);
    values.push(level, ...Array.from({ length: seconds - 1 }, () => (level === "stale" ? "_" : level)));
  }
  return values.join(" ");
}

/** Returns the values of a counter whose speed changes, with resets. */
function counts(random: Random): string {
  const values: number[] = [];
  let value = 0;
  while (values.length <= ACTIVE_S) {
    const step = random.pick([0, 2, 9]);
    if (random.chance(10)) value = 0;
    for (let i = 2 + random.below(6); i > 0; i--) values.push((value += step));
  }
  return values.join(" ");
}
