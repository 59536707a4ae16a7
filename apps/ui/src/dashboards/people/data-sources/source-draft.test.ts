import { expect, test } from "vitest";
import type { SourceDraft, SourceKindForm } from "./data-sources-api.ts";
import { settingOf, withSetting } from "./source-draft.ts";

const draft = {
  name: "Traces",
  jsonData: { tracesToLogsV2: { datasourceUid: "l1", tags: [{ key: "pod" }] }, timeout: 5 },
  secureJsonData: {},
} as unknown as SourceDraft;
const kind = { defaults: { timeout: 30 } } as unknown as SourceKindForm;

test("a property of an object in the settings changes, and the other properties stay", () => {
  const path = ["jsonData", "tracesToLogsV2", "spanStartTimeShift"];
  const changed = withSetting(draft, path, "-5m");
  expect(changed.jsonData).toEqual({
    tracesToLogsV2: { datasourceUid: "l1", tags: [{ key: "pod" }], spanStartTimeShift: "-5m" },
    timeout: 5,
  });
  expect(settingOf(changed, path, kind)).toBe("-5m");
  expect(withSetting(changed, path, undefined)).toEqual(draft);
  expect(withSetting(draft, ["jsonData", "nodeGraph", "enabled"], true).jsonData).toMatchObject({
    nodeGraph: { enabled: true },
  });
});

test("a setting without a value has the default of the kind, and a setting outside of jsonData changes, too", () => {
  const without = withSetting(draft, ["jsonData", "timeout"], undefined);
  expect(settingOf(without, ["jsonData", "timeout"], kind)).toBe(30);
  expect(withSetting(draft, ["url"], "http://a")).toMatchObject({ name: "Traces", url: "http://a" });
});
