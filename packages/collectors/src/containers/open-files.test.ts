import { ManualClock } from "@narthex/runtime/testing";
import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { hostTree } from "../testing/host-tree.ts";
import { OpenFiles } from "./open-files.ts";

/**
 * A clock that advances by 100 ms at each read, so that a scrape has time to count the files of only one or two
 * processes.
 */
const slowClock = (): ManualClock =>
  new (class extends ManualClock {
    #looks = 0;
    override monotonic(): number {
      return this.#looks++ * 100;
    }
  })();

test("a group that takes longer than the time of a scrape is counted over several scrapes", () => {
  using host = hostTree(Object.fromEntries([1, 2, 3, 4, 5].map((pid) => [`proc/${pid}/fd/0`, ""])));
  const files = new OpenFiles(slowClock());
  const big = { path: "big", inode: 1, pids: ["1", "2", "3", "4", "5"] };
  const look = () => [...runToEnd(files.looking(host.proc, [big])).values()];
  expect([look(), look(), look()]).toEqual([[], [], [{ descriptors: 5, sockets: 0 }]]);
});

test("new groups are counted at once, known ones in turns, and changed ones again", () => {
  using host = hostTree({ "proc/1/fd/0": "", "proc/2/fd/0": "" });
  host.link("proc/1/fd/1", "socket:[1]");
  const files = new OpenFiles(slowClock());
  const group = (path: string, pid: string, inode = 1) => ({ path, inode, pids: [pid] });
  const look = (...groups: ReturnType<typeof group>[]) =>
    Object.fromEntries(runToEnd(files.looking(host.proc, groups)));
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
  const counts = runToEnd(
    new OpenFiles(new ManualClock()).looking(host.proc, [
      { path: "hidden", inode: 1, pids: ["7"] },
      { path: "empty", inode: 2, pids: [] },
    ]),
  );
  expect([...counts]).toEqual([["empty", { descriptors: 0, sockets: 0 }]]);
});
