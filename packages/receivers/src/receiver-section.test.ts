import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { receiverSection } from "./receiver-section.ts";
import { RECEIVER_KINDS } from "./registry.ts";
import { problemsOf } from "./testing/open-receiver.ts";

test("a receiver without integrations is valid, and has its name as a label", () => {
  const decoded = decodeYaml("{name: nobody}", "am.yml", receiverSection);
  expect(decoded.ok && [...decoded.value.labels]).toEqual([["name", "nobody"]]);
});

test.each(RECEIVER_KINDS.map(({ key }) => key))("%s refuses unknown keys", (key) => {
  expect(problemsOf(`{name: a, ${key}: [{nonsense: 1}]}`).join("\n")).toContain("field nonsense not found in type ");
});

test("several errors are reported at once, each with its position", () => {
  const text = "name: a\nwebhook_configs:\n  - max_alerts: x\n  - url: 'http://h'\n    bogus: 1\n";
  expect(problemsOf(text)).toEqual([
    expect.stringMatching(/^am\.yml:3:\d+: .*cannot unmarshal/),
    expect.stringMatching(/^am\.yml:5:5: field bogus not found/),
  ]);
});

test.each([
  ["webhook_configs: []", "missing name in receiver"],
  ["name: a\nlabels: {name: b}", 'receiver label "name" must match receiver name "a", got "b"'],
  ["name: a\nwebhook_configs: [null]", "missing webhook config"],
])("%j is refused", (text, message) => {
  expect(problemsOf(text).join("\n")).toContain(message);
});
