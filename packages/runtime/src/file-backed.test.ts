import { renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./testing/temporary-folder.ts";
import { beforeEach, expect, test } from "vitest";
import { FileBacked, type ReadText } from "./file-backed.ts";
import { ManualClock } from "./testing/manual-clock.ts";

class Refused extends Error {}

const folder = temporaryFolder();

const list = join(folder, "list");
const named = join(folder, "named");
let made = 0;

beforeEach(() => {
  made = 0;
  writeFileSync(list, named);
  writeFileSync(named, "one");
});

/** Returns the text of the file whose name another file contains. */
function make(read: ReadText): string {
  made++;
  const path = read(list);
  if (path === "bug") throw new TypeError("a bug");
  try {
    return read(path);
  } catch (error) {
    throw new Refused("cannot be read", { cause: error });
  }
}

const backed = (clock = new ManualClock()): FileBacked<string> =>
  new FileBacked({ make, isRefusal: (error) => error instanceof Refused, clock });

test("current() creates the value again if any of its files has changed, and only then", () => {
  const value = backed();
  expect([value.current(), value.current(), made]).toEqual(["one", "one", 1]);
  writeFileSync(named, "two!");
  expect([value.current(), value.current(), made]).toEqual(["two!", "two!", 2]);
  const other = join(folder, "other");
  writeFileSync(other, "three");
  writeFileSync(list, other);
  expect(value.current()).toBe("three");
  writeFileSync(named, "of no interest");
  expect([value.current(), made]).toEqual(["three", 3]);
});

test("current() notices a change that keeps size and time, shortly after the file was written", () => {
  const clock = new ManualClock(statSync(named).mtimeMs + 5);
  const value = backed(clock);
  const before = statSync(named);
  writeFileSync(named, "two");
  utimesSync(named, before.atime, before.mtime);
  expect(value.current()).toBe("two");
});

test("after a change that cannot be used, the last valid value is kept and the change is reported once, until the missing file exists", () => {
  const notifications: string[] = [];
  const value = new FileBacked({
    make,
    isRefusal: (error) => error instanceof Refused,
    clock: new ManualClock(),
    onRefused: ({ message }) => notifications.push(message),
    onChanged: (now) => notifications.push(now),
  });
  renameSync(named, `${named}.away`);
  expect([value.current(), value.current(), value.refusals, value.refusal?.message]).toEqual([
    "one",
    "one",
    1,
    "cannot be read",
  ]);
  renameSync(`${named}.away`, named);
  expect([value.current(), value.refusal]).toEqual(["one", undefined]);
  expect(notifications).toEqual(["cannot be read", "one"]);
});

test("errors that the files did not cause are thrown", () => {
  const value = backed();
  writeFileSync(list, "bug");
  expect(() => value.current()).toThrow(TypeError);
});
