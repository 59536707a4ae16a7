import { ManualClock } from "@narthex/runtime/testing";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { type Places, Visible } from "../access/visible.ts";
import { visitor } from "../auth/identity.ts";
import { FolderStore } from "./folder-store.ts";

test("an unknown folder, and a folder within an unknown folder, are for admins only", async () => {
  const store = new SharedMemory().open();
  const folders = await FolderStore.open(store, new ManualClock(0));
  const outer = await folders.add({ uid: "outer", title: "Outer", parentUid: "", user: "ann" });
  await folders.add({ uid: "inner", title: "Inner", parentUid: "outer", user: "ann" });
  const closed = (): readonly boolean[] =>
    ["", "outer", "inner", "unknown"].map(
      (uid) => new Visible({ folders } as Places, visitor("Editor"), "").folderLevel(uid) === 0,
    );
  expect(closed()).toEqual([false, false, false, true]);
  await folders.remove([outer]);
  expect(closed()).toEqual([false, true, true, true]);
});

test("within() handles a cycle of folders, and handles a hundred thousand folders", async () => {
  const store = new SharedMemory().open();
  let id = 0;
  const folder = (uid: string, parentUid: string) => ({ uid, title: uid, parentUid, id: ++id, version: 1 });
  const put = (one: ReturnType<typeof folder>) =>
    store.collection("folders").put({ key: one.uid, value: JSON.stringify(one), expiresAt: 1e15 });
  await put(folder("a", "b"));
  await put(folder("b", "a"));
  await put(folder("wide", ""));
  for (let i = 0; i < 150_000; i++) await put(folder(`f${i}`, "wide"));
  const folders = await FolderStore.open(store, new ManualClock(0));
  const uidsWithin = (uid: string): readonly string[] => folders.within(folders.byUid(uid)!).map((one) => one.uid);
  expect(uidsWithin("a")).toEqual(["a", "b"]);
  expect(uidsWithin("wide")).toHaveLength(150_001);
});
