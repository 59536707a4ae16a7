import { expect, test } from "vitest";
import { keyInAddress, namedPanel, renewedAddress, withPanel } from "./panel-address.ts";

test.each([
  ["3", "panel-3"],
  ["panel-3", "panel-3"],
  ["panel-3-clone-1", "panel-3-clone-1"],
  ["panel-9-clone-1/panel-3", "panel-9-clone-1/panel-3"],
])("the text %s in an address means the panel key %s", (text, key) => expect(keyInAddress(text)).toBe(key));

test("one parameter contains the key of the panel, and the other parameters stay", () => {
  const params = withPanel(new URLSearchParams("var-a=1&var-a=2&from=now-1h"), "viewPanel", "panel-3");
  expect(String(params)).toBe("var-a=1&var-a=2&from=now-1h&viewPanel=panel-3");
  expect(namedPanel(params, "viewPanel")).toBe("panel-3");
  expect(namedPanel(params, "inspect")).toBeNull();
  expect(namedPanel(new URLSearchParams("viewPanel="), "viewPanel")).toBeNull();
});

test.each([
  ["fullscreen&panelId=3&from=now-1h", "from=now-1h&viewPanel=panel-3"],
  ["edit&fullscreen&panelId=3", "editPanel=3"],
  ["panelId=3&edit=true", "editPanel=3"],
])("the old address %s is converted to %s", (old, now) => {
  expect(String(renewedAddress(new URLSearchParams(old)))).toBe(now);
});

test("an address without old parameters is not changed", () => {
  expect(renewedAddress(new URLSearchParams("panelId=3"))).toBeUndefined();
  expect(renewedAddress(new URLSearchParams("fullscreen"))).toBeUndefined();
});
