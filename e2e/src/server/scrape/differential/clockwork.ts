import type { Random } from "../../../support/random.ts";
import type { TimeStyle } from "./population.ts";

const SECOND = 1000;
const HOUR = 3_600_000;

/**
 * Generates the explicit timestamp of a sample, ms; undefined for none. The timestamp is before the start of the test
 * (`now`) or well after its end, so that it cannot be mistaken for the time of a scrape.
 */
export function explicitTime(random: Random, style: TimeStyle, step: number, now: number): number | undefined {
  switch (style) {
    case "none":
      return undefined;
    case "forward":
      return now - 60 * SECOND + step * SECOND;
    case "stuck":
      return now - 50 * SECOND;
    case "backward":
      return now - 60 * SECOND - step * SECOND;
    case "ancient":
      // The first steps have no explicit times: while no sample is stored, a sample of any age is accepted.
      return step < 3 ? undefined : now - 3 * HOUR;
    case "future":
      return now + HOUR;
    case "erratic":
      return random.chance(60) ? undefined : now - 40 * SECOND + random.below(20) * SECOND;
  }
}
