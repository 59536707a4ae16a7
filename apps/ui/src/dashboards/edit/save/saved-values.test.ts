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

test("the time range, the time zone and the refresh interval are saved if the user selects them", async () => {
  const { source, time, timezone } = await dashboard();
  const isOther = (from: string, zone: string | null = null) =>
    isOtherTime({ time, timezone }, { from, to: "now" }, zone);
  expect([isOther("now-6h"), isOther("now-6h", timezone)]).toEqual([false, false]);
  expect([isOther("now-1h"), isOther("now-6h", "Europe/Rome")]).toEqual([true, true]);
  const saved = (search: string) => withTime(source, { from: "now-1h", to: "now" }, new URLSearchParams(search));
  expect(saved("refresh=5s&timezone=utc")).toMatchObject({
    time: { from: "now-1h", to: "now" },
    refresh: "5s",
    timezone: "utc",
  });
  expect(Object.keys(saved("from=now-1h"))).toEqual(Object.keys(source));
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
