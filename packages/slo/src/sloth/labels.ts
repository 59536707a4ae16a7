import { formatDuration, quote } from "@narthex/model";
import type { Texts } from "../generated-rule.ts";
import type { SlothObjective } from "../objective.ts";

export const WINDOW_LABEL = "sloth_window";

/** Returns the labels that identify an objective in Sloth's series. */
export const identityLabels = ({ service, name }: Pick<SlothObjective, "service" | "name">): Texts =>
  new Map([
    ["sloth_id", `${service}-${name}`],
    ["sloth_service", service],
    ["sloth_slo", name],
  ]);

/** Returns labels as a selector of PromQL: `{a="1", b="2"}`, sorted by name. */
export const selectorOf = (labels: Texts): string =>
  `{${[...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${quote(value)}`)
    .join(", ")}}`;

/** Returns the name of the series that records the error ratio of a window. */
export const errorRatioMetric = (windowMs: number): string => `slo:sli_error:ratio_rate${formatDuration(windowMs)}`;
