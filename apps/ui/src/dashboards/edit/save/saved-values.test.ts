import { readDashboard } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { isOtherTime, otherChoices, withChoices, withTime } from "./saved-values.ts";

const dashboard = async () =>
  (
    await readDashboard({
      schemaVersion: 41,
      time: { from: "now-6h", to: "now" },
      templating: {
        list: [
          { name: "job", type: "query", multi: true, includeAll: true, current: { text: ["A"], value: ["a"] } },
          { name: "size", type: "custom", query: "1,2", current: { text: "1", value: "1" } },
        ],
      },
    })
  ).dashboard;

test("the time range and the refresh interval are saved if the user selects them", async () => {
  const { source } = await dashboard();
  expect(isOtherTime(await dashboard(), { from: "now-6h", to: "now" })).toBe(false);
  expect(isOtherTime(await dashboard(), { from: "now-1h", to: "now" })).toBe(true);
  expect(withTime(source, { from: "now-1h", to: "now" }, "5s")).toMatchObject({
    time: { from: "now-1h", to: "now" },
    refresh: "5s",
  });
  expect(withTime(source, { from: "now-1h", to: "now" }, null)).not.toHaveProperty("refresh");
});

test("values of variables in the address become the saved values of the dashboard", async () => {
  const { variables, source } = await dashboard();
  const lookup = (name: string) =>
    name === "job" ? { name, values: ["b", "c"], texts: ["Bee", "Cee"], isMulti: true, isVerbatim: false } : undefined;
  const choicesOf = (search: string) => otherChoices(variables, new URLSearchParams(search), lookup);
  expect(choicesOf("var-job=a&var-size=1").size).toBe(0);
  expect(withChoices(source, variables, choicesOf("var-job=b&var-job=c&var-size=2"))).toMatchObject({
    templating: {
      list: [{ current: { text: ["Bee", "Cee"], value: ["b", "c"] } }, { current: { text: "2", value: "2" } }],
    },
  });
  expect(withChoices(source, variables, choicesOf("var-job=$__all"))).toMatchObject({
    templating: { list: [{ current: { text: ["All"], value: ["$__all"] } }, {}] },
  });
});
