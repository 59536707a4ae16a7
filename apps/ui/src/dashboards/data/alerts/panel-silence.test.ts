import { expect, test } from "vitest";
import { formatMatchers } from "../../../alertmanager/matcher-filter.ts";
import type { MarkedAlert } from "../../contracts/marked-alert.ts";
import { panelSilence } from "./panel-silence.ts";
import { silenceFormAddress } from "./silence-form-address.ts";

const alert = (name: string, labels: Record<string, string>, isOngoing = true): MarkedAlert => ({
  name,
  labels: { alertname: name, ...labels },
  annotations: {},
  isPending: false,
  isCut: false,
  isOngoing,
  activeAt: null,
  firesAt: null,
  href: "",
  managerUid: "am",
  silences: [],
});

const filter = (...args: Parameters<typeof panelSilence>) => formatMatchers(panelSilence(...args));

test("a silence from a panel matches the alerts that are firing on it", () => {
  const over = alert("Over", { job: "z" }, false);
  expect(filter([over, alert("Slow", { job: "a", host: "b" })], { job: "x" })).toBe(
    '{alertname="Slow", job="a", host="b"}',
  );
  expect(filter([alert("Slow", { job: "a", host: "b" }), alert("Slow", { job: "a", host: "c" })], {})).toBe(
    '{alertname="Slow", job="a"}',
  );
  expect(filter([alert("S.low", { job: "a" }), alert("Big", { job: "a" })], {})).toBe(
    String.raw`{alertname=~"Big|S\\.low", job="a"}`,
  );
});

test("if no alert is firing, the silence matches the labels that all series of the panel share", () => {
  expect(filter([], { __name__: "up", job: "x", le: "1" })).toBe('{job="x"}');
  expect(filter([], {})).toBe("");
});

test("the address of the form contains the matchers and the link back", () => {
  const address = new URL(
    silenceFormAddress("a/b", panelSilence([], { job: 'x"&' }), "/d/u?from=1&to=2"),
    "http://host",
  );
  expect(address.pathname).toBe("/sources/a%2Fb/silences/new");
  expect(Object.fromEntries(address.searchParams)).toEqual({
    filter: String.raw`{job="x\"&"}`,
    back: "/d/u?from=1&to=2",
  });
});
