import { expect, test } from "vitest";
import { backtestFields } from "./backtest.ts";

const FORM = {
  rules: "groups: []",
  file: undefined,
  from: "1d",
  to: 20,
  against: "",
  behaviours: " ",
  againstBehaviours: "behaviours: []",
  alertmanager: "",
  silences: "[]",
};

const sent = (form: Parameters<typeof backtestFields>[0]) =>
  Object.fromEntries(Object.entries(backtestFields(form)).filter(([, value]) => value !== undefined));

test("empty texts, and texts that need another text, are not sent", () => {
  expect(sent(FORM)).toEqual({ rules: "groups: []", from: "1d", to: 20 });
  expect(sent({ ...FORM, against: "groups: [] ", alertmanager: "route: {}" })).toEqual({
    rules: "groups: []",
    from: "1d",
    to: 20,
    against: "groups: [] ",
    against_behaviours: "behaviours: []",
    alertmanager: "route: {}",
    silences: "[]",
  });
});
