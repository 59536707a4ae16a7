import { type Codec, decimal, field, INVALID, listOf, section, text } from "@narthex/config";
import { type AlertWindows, DAY, DEFAULT_PERIOD_MS } from "../alert-windows.ts";
import { lenient } from "../codecs.ts";
import type { SlothObjective } from "../objective.ts";
import { checkName, checkObjective } from "../sloth/objective-section.ts";
import { windowQuery } from "../sloth/indicator-section.ts";
import { periodWindows, type ReadContext } from "../sloth/read-sloth.ts";
import { metadata } from "./alert-policy.ts";

interface Query {
  readonly source: string;
  readonly queryType: string;
  readonly query: string;
}

const query: Codec<Query> = section<Query>(
  "query",
  {
    source: field("source", text, ""),
    queryType: field("queryType", text, ""),
    query: field("query", windowQuery, ""),
  },
  (raw, at, report) => {
    if (!["prometheus", "sloth"].includes(raw.source) || raw.queryType !== "promql")
      report(at.self, "metric-source", "the query is not PromQL", "write source: prometheus and queryType: promql");
    if (raw.query === "") report(at.self, "bad-query", "the query is missing", "write query");
    return raw;
  },
);

const NO_QUERY: Query = { source: "", queryType: "", query: "" };

interface Objective {
  readonly ratio: { readonly good: Query; readonly total: Query } | undefined;
  readonly target: number;
}

const objective: Codec<Objective> = lenient(
  section<Objective>(
    "objective",
    {
      ratio: field<Objective["ratio"]>(
        "ratioMetrics",
        lenient(
          section<NonNullable<Objective["ratio"]>>("ratioMetrics", {
            good: field("good", query, NO_QUERY),
            total: field("total", query, NO_QUERY),
          }),
        ) as Codec<Objective["ratio"]>,
        undefined,
      ),
      target: field("target", decimal, 0),
    },
    (raw, at, report) => {
      if (raw.ratio === undefined) report(at.self, "indicator", "ratioMetrics is missing", "write ratioMetrics");
      checkObjective(raw.target * 100, at.target, report);
      return raw;
    },
  ),
);

const timeWindow: Codec<number> = lenient(
  section<{ count: number; unit: string }, number>(
    "timeWindow",
    { count: field("count", decimal, 0), unit: field("unit", text, "") },
    ({ count, unit }, at, report) => {
      if (unit.toLowerCase() !== "day") report(at.unit, "window", "the window is not in days", "write unit: Day");
      return count * DAY;
    },
  ),
);

interface Spec {
  readonly service: string;
  readonly description: string;
  readonly windows: readonly number[];
  readonly objectives: readonly Objective[];
}

/** Returns the codec of an object SLO of `openslo/v1alpha`, which Sloth reads too. */
export function openSloAlphaObject({ catalog, extraLabels }: ReadContext): Codec<readonly SlothObjective[]> {
  const spec = lenient(
    section<Spec, Spec & { readonly alertWindows: AlertWindows }>(
      "SLO",
      {
        service: field("service", text, ""),
        description: field("description", text, ""),
        windows: field("timeWindows", listOf(timeWindow), []),
        objectives: field("objectives", listOf(objective), []),
      },
      (raw, at, report) => {
        checkName(raw.service, "service", at.service, report);
        if (raw.objectives.length === 0)
          report(at.self, "no-objectives", "the SLO has no objectives", "write objectives");
        if (raw.windows.length > 1) report(at.windows, "window", "there are several time windows", "write one");
        const alertWindows = periodWindows(raw.windows[0] ?? DEFAULT_PERIOD_MS, true, catalog, at.windows, report);
        return alertWindows === undefined ? INVALID : { ...raw, alertWindows };
      },
    ),
  );
  type Whole = {
    apiVersion: string;
    kind: string;
    metadata: { name: string };
    spec: (Spec & { readonly alertWindows: AlertWindows }) | undefined;
  };
  return section<Whole, readonly SlothObjective[]>(
    "SLO",
    {
      apiVersion: field("apiVersion", text, ""),
      kind: field("kind", text, ""),
      metadata: field("metadata", metadata, { name: "" }),
      spec: field<Whole["spec"]>("spec", spec, undefined),
    },
    ({ metadata: { name }, spec: own }, at, report) => {
      checkName(name, "SLO", at.metadata, report);
      if (own === undefined) {
        report(at.self, "no-objectives", "the SLO has no spec", "write spec");
        return INVALID;
      }
      return own.objectives.map(({ ratio, target }, index): SlothObjective => ({
        line: at.self.line,
        column: at.self.column,
        name: `${name}-${index}`,
        service: own.service,
        description: own.description,
        objective: target * 100,
        windowMs: own.alertWindows.periodMs,
        windows: own.alertWindows,
        labels: extraLabels,
        indicator: { kind: "raw", errorRatioQuery: ratioText(ratio) },
        isCounted: false,
        page: undefined,
        ticket: undefined,
        burnRateAlerts: [],
        plugins: [],
        onlyPlugins: false,
        spec: "openslo/v1alpha",
        mode: "cli-gen-openslo",
      }));
    },
  );
}

const ratioText = (ratio: Objective["ratio"]): string =>
  `\n  1 - (\n    (\n      ${ratio?.good.query}\n    )\n    /\n    (\n      ${ratio?.total.query}\n    )\n  )\n`;
