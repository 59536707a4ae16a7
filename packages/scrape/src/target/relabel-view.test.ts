import { parsePrometheusConfig } from "@narthex/config";
import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { relabelView, type RelabelView } from "./relabel-view.ts";

const yaml = `
scrape_configs:
- job_name: a
  relabel_configs:
  - {source_labels: [__meta_env], regex: "no|never", action: drop}
  - {source_labels: [x, y], target_label: both}
  - {regex: x, action: labeldrop}
  - {source_labels: [both], target_label: y, action: dropequal}
`;

function view(labels: Readonly<Record<string, string>>, explain = true): RelabelView {
  const parsed = parsePrometheusConfig(yaml, "prometheus.yml", {}, () => undefined);
  if (!parsed.ok) throw new Error(parsed.problems[0]!.message);
  return relabelView(Labels.of(labels), parsed.value.scrapeConfigs[0]!, explain);
}

const address = { __address__: "h:1", __scheme__: "http", __scrape_interval__: "1m", __scrape_timeout__: "1s" };

test("each rule shows its input, whether the input matched, and its output, followed by the resulting target", () => {
  const { steps, target } = view({ ...address, x: "1", y: "2" });
  expect(steps.map(({ value, matched, keep }) => [value, matched, keep])).toEqual([
    ["", false, true],
    ["1;2", true, true],
    [undefined, undefined, true],
    ["1;2", undefined, true],
  ]);
  expect(steps[1]!.output["both"]).toBe("1;2");
  expect(steps[2]!.rule).toEqual({ separator: ";", regex: "x", replacement: "$1", action: "labeldrop" });
  expect(target).toEqual({
    outcome: "active",
    labels: { both: "1;2", instance: "h:1", y: "2" },
    scrapeUrl: "http://h:1",
  });
});

test("rules after a rule that drops the target have no input, and labels without a valid target show the reason", () => {
  const dropped = view({ ...address, __meta_env: "no" });
  expect(dropped.steps.map(({ keep, output, value }) => [keep, output, value])).toEqual([
    [false, {}, "no"],
    ...[1, 2, 3].map(() => [false, {}, undefined]),
  ]);
  expect(dropped.target).toEqual({ outcome: "dropped" });
  expect(view({ x: "1" }).target).toEqual({ outcome: "failed", error: "no address" });
});

test("unless more is requested, the steps are the same as Prometheus'", () => {
  const plain = view({ ...address, x: "1" }, false);
  expect(Object.keys(plain)).toEqual(["steps"]);
  expect(Object.keys(plain.steps[0]!)).toEqual(["rule", "output", "keep"]);
});
