import { type Field, fieldDisplay, type Frame, numericColumn } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { wholeRange } from "../../plot/number-axis.ts";
import { planTrend } from "./trend-plan.ts";

const viewOf = (field: Field) => ({
  name: `shown ${field.name}`,
  color: "#808080",
  range: { min: 0, max: 1, delta: 1 },
  display: fieldDisplay(field, { theme: "dark", timeZone: "utc" }),
  text: (value: number | null) => `${value} m`,
  colorOf: () => "#808080",
});

const numbers = (name: string, values: readonly (number | null)[], custom = {}): Field =>
  numericColumn(
    { name, config: { custom } },
    "number",
    Float64Array.from(values, (value) => value ?? 0),
    Uint8Array.from(values, (value) => Number(value === null)),
  );
const hosts: Field = { name: "host", type: "string", values: ["a", "b", "c"], config: {} };
const frameOf = (...fields: Field[]): Frame => ({ length: 3, fields });

function planned(frames: readonly Frame[], xField = "") {
  const trend = planTrend(frames, { xField }, { viewOf });
  if ("problem" in trend) throw new Error(trend.problem);
  return trend;
}
const problemOf = (frames: readonly Frame[], xField = ""): string | undefined => {
  const trend = planTrend(frames, { xField }, { viewOf });
  return "problem" in trend ? trend.problem : undefined;
};

test("planTrend() draws number columns over the first number column, or over the one that the options name", () => {
  const frame = frameOf(hosts, numbers("depth", [1, 2, 4]), numbers("heat", [9, 8, 7]), numbers("salt", [5, 6, 6]));
  const { plan, x } = planned([frame]);
  expect([...plan.aligned.times]).toEqual([1, 2, 4]);
  expect(plan.series.map(({ key }) => key)).toEqual(["shown heat", "shown salt"]);
  expect(x.view.name).toBe("shown depth");
  expect(planned([frame], "salt").plan.series.map(({ key }) => key)).toEqual(["shown depth", "shown heat"]);
  expect(planned([frame], "shown salt").x.view.name).toBe("shown salt");
});

test("planTrend() leaves out rows without a position on the axis", () => {
  const { plan } = planned([frameOf(numbers("x", [1, null, 3]), numbers("y", [10, 20, null]))]);
  expect([...plan.aligned.times]).toEqual([1, 3]);
  expect([...plan.aligned.series[0]!.values]).toEqual([10, 0]);
  expect([...plan.aligned.series[0]!.gaps!]).toEqual([0, 1]);
});

test("planTrend() reads the axis from the settings of its column", () => {
  const x = numbers("x", [1, 10, 100], { scaleDistribution: { type: "log", log: 10 }, axisLabel: "Depth" });
  expect(planned([frameOf(x, numbers("y", [1, 2, 3]))]).x.scale).toMatchObject({
    distribution: "log",
    logBase: 10,
    label: "Depth",
  });
});

test("planTrend() reports why nothing is drawn, and what to do", () => {
  const frame = frameOf(hosts, numbers("x", [1, 3, 2]), numbers("y", [1, 2, 3]));
  expect(problemOf([])).toBe("There is no data.");
  expect(problemOf([frame, frame])).toMatch(/one frame, but there are 2\..*joins/);
  expect(problemOf([frame], "z")).toBe('There is no field "z" for the x axis.');
  expect(problemOf([frame], "host")).toMatch(/"host" of the x axis contains no numbers/);
  expect(problemOf([frameOf(hosts)])).toBe("No numeric fields found.");
  expect(problemOf([frame])).toMatch(/"shown x" do not ascend: 2 m follows 3 m\..*sorts/);
  expect(problemOf([frameOf(numbers("x", [1, 2, 3]))])).toMatch(/no numbers besides .* "shown x"/);
});

test("wholeRange() covers all values, and is not empty for a single value or none", () => {
  const { scale } = planned([frameOf(numbers("x", [1, 2, 3]), numbers("y", [1, 2, 3]))]).x;
  expect(wholeRange(scale, 1, 3)).toEqual([1, 3]);
  expect(wholeRange({ ...scale, min: 0, max: 10 }, 1, 3)).toEqual([0, 10]);
  expect(wholeRange(scale, 5, 5)).toEqual([4.5, 5.5]);
  expect(wholeRange(scale, null, null)).toEqual([0, 1]);
  const [from, to] = wholeRange({ ...scale, distribution: "log" }, 0, 100);
  expect(from).toBeGreaterThan(0);
  expect(to).toBe(100);
});
