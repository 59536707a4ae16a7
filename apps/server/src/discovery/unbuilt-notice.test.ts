import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Notices } from "../web/notices.ts";
import { unbuiltNotice } from "./unbuilt-notice.ts";

test("while the configuration has discovery sections of unsupported kinds, a notice lists them", () => {
  const notices = new Notices(new ManualClock(), 1);
  const report = unbuiltNotice(notices, "targets");
  const texts = (): readonly string[] => notices.list().map(({ text }) => text);
  report(["azure_sd_configs"]);
  expect(texts()).toEqual(["azure_sd_configs is not in this build: it finds no targets."]);
  report(["azure_sd_configs", "gce_sd_configs"]);
  expect(texts()).toEqual(["azure_sd_configs, gce_sd_configs are not in this build: they find no targets."]);
  report([]);
  expect(texts()).toEqual([]);
});
