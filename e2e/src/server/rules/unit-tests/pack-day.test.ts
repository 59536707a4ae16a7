import { expect, test } from "vitest";
import { lacks } from "../../../support/requirements.ts";
import { Workplace } from "../../../support/workplace.ts";
import { packRules, packTests } from "../published-rules.ts";
import { firedIn, oneFile, testDays } from "./day.ts";

/** The incidents of the alert pack begin in these hours of the day, one after the other. */
const HOURS = 20;

/** Returns the series of the alert pack's unit tests, each incident at its time of the day. */
const incidents = (): (readonly [series: string, values: string])[] =>
  packTests().flatMap(({ interval, input_series: inputs = [] }, i) => {
    if (interval !== "1m") return [];
    const pause = `_x${60 * (i % HOURS) + 1}`;
    return inputs.map(({ series, values }) => {
      const [name, labels = ""] = series.split(/\{|\}$/);
      return [`${name}{incident="${i}"${labels === "" ? "" : ", "}${labels}}`, `${pause} ${values} stale`] as const;
    });
  });

test.skipIf(lacks("peers"))(
  "the alert pack gives the series and alerts of promtool during a day of its incidents",
  () => {
    using workplace = new Workplace();
    const { theirs, ours } = testDays(workplace, [{ rules: oneFile(packRules()), series: incidents() }]);
    expect(firedIn(theirs).size).toBeGreaterThan(50);
    expect(ours).toEqual(theirs);
  },
);
