import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { hostTree } from "../testing/host-tree.ts";
import { OpenFiles } from "./open-files.ts";

test("new groups are counted at once, known ones in turns, and changed ones again", () => {
  using host = hostTree({ "proc/1/fd/0": "", "proc/2/fd/0": "" });
  host.link("proc/1/fd/1", "socket:[1]");
  // Every reading of the clock advances it by 100 ms, so that a scrape can count only one group again.
  const clock = new (class extends ManualClock {
    #looks = 0;
    override monotonic(): number {
      return this.#looks++ * 100;
    }
  })();
  const files = new OpenFiles(clock);
  const group = (path: string, pid: string, inode = 1) => ({ path, inode, pids: [pid] });
  const look = (...groups: ReturnType<typeof group>[]) => Object.fromEntries(files.look(host.proc, groups));
  expect(look(group("a", "1"), group("b", "2"))).toEqual({
    a: { descriptors: 2, sockets: 1 },
    b: { descriptors: 1, sockets: 0 },
  });
  for (const pid of [1, 2]) host.write(`proc/${pid}/fd/9`, "");
  const counts = look(group("a", "1"), group("b", "2"));
  expect(counts["a"]!.descriptors + counts["b"]!.descriptors).toBe(4);
  expect(look(group("a", "2", 2))).toEqual({ a: { descriptors: 2, sockets: 0 } });
});

test("a group whose processes cannot be read has no count; an empty group has zero", () => {
  using host = hostTree();
  const counts = new OpenFiles(new ManualClock()).look(host.proc, [
    { path: "hidden", inode: 1, pids: ["7"] },
    { path: "empty", inode: 2, pids: [] },
  ]);
  expect([...counts]).toEqual([["empty", { descriptors: 0, sockets: 0 }]]);
});
