import { expect, test } from "vitest";
import { configSection } from "@narthex/alertmanager-config";
import { decodeYaml } from "@narthex/config";
import { summaryOf } from "./config-summary.ts";

function summaryOfText(text: string): string {
  const decoded = decodeYaml(text, "alertmanager.yml", configSection({ mode: "classic", warn: () => undefined }));
  return decoded.ok ? "" : summaryOf(decoded.problems, decoded.met);
}

test.each([
  ["route: {receiver: c, routes: [{receiver: nope}]}", 'undefined receiver "nope" used in route'],
  ["route: {receiver: a, routes: [{receiver: b}, {receiver: c}]}", 'undefined receiver "b" used in route'],
  ["route: {receiver: c, routes: [{receiver: a}]}", 'undefined receiver "c" used in route'],
])("the lower of two nested routes of %s is named first", (text, summary) => {
  expect(summaryOfText(`${text}\nreceivers: [{name: a}]`)).toBe(summary);
});
