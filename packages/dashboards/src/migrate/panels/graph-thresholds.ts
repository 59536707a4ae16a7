import { type MutableJson, numberOf, objectsAt, textAt } from "../../model/json.ts";

interface OldThreshold {
  readonly value: number;
  readonly isBelow: boolean;
  readonly color: string;
}

/**
 * Converts the thresholds of a graph to ascending steps. In a graph, each threshold coloured the area above or below
 * it. The function stores in `custom` how the steps are drawn.
 */
export function graphThresholds(panel: Readonly<MutableJson>, custom: MutableJson): MutableJson {
  const old = objectsAt(panel, "thresholds").flatMap((threshold): OldThreshold[] => {
    const value = numberOf(threshold["value"]);
    if (value === undefined) return [];
    return [{ value, isBelow: threshold["op"] === "lt", color: colorOf(threshold) }];
  });
  if (old.length === 0) return {};
  old.sort((a, b) => a.value - b.value);
  const all = objectsAt(panel, "thresholds");
  const [area, line] = [all.some((each) => each["fill"]), all.some((each) => each["line"])];
  custom["thresholdsStyle"] = { mode: area && line ? "line+area" : area ? "area" : "line" };
  return { thresholds: { mode: "absolute", steps: stepsOf(old) } };
}

function stepsOf(old: readonly OldThreshold[]): MutableJson[] {
  const steps: MutableJson[] = [];
  old.forEach(({ value, isBelow, color }, i) => {
    if (!isBelow) {
      if (steps.length === 0) steps.push({ value: null, color: "transparent" });
      steps.push({ value, color });
      return;
    }
    if (steps.length === 0) steps.push({ value: null, color });
    const next = old[i + 1];
    steps.push({ value, color: next?.isBelow === true ? next.color : "transparent" });
  });
  return steps;
}

function colorOf(threshold: MutableJson): string {
  if (threshold["colorMode"] === "warning") return "orange";
  if (threshold["colorMode"] === "ok") return "green";
  if (threshold["colorMode"] !== "custom") return "red";
  return textAt(threshold, "fillColor") || textAt(threshold, "lineColor") || "red";
}
