import { ManualClock } from "@narthex/runtime/testing";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { FolderStore } from "./folder-store.ts";

test("a folder that is not known, or lies in one that is not known, is for admins only", async () => {
  const store = new SharedMemory().open();
  const folders = await FolderStore.open(store, new ManualClock(0));
  const outer = await folders.add({ uid: "outer", title: "Outer", parentUid: "", user: "ann" });
  await folders.add({ uid: "inner", title: "Inner", parentUid: "outer", user: "ann" });
  const closed = (): readonly boolean[] => ["", "outer", "inner", "unknown"].map((uid) => folders.isForAdmins(uid));
  expect(closed()).toEqual([false, false, false, true]);
  await folders.remove([outer]);
  expect(closed()).toEqual([false, true, true, true]);
});
