import { expect, test } from "vitest";
import type { Volume } from "../machine/machine.ts";
import { fakeContext, fakeMachine, roleNamed } from "../testing/fake-context.ts";
import { disk } from "./disk.ts";

const GIB = 1024 ** 3;
const data = (path: string) => ({ path, isFile: false, flag: "--storage.tsdb.path" });

const run = async (volume: Volume | undefined) =>
  disk.run(
    fakeContext({
      machine: fakeMachine({ volumeOf: () => Promise.resolve(volume) }),
      roles: [roleNamed("server", { data: [data("/a")] }), roleNamed("alertmanager", { data: [data("/b")] })],
    }),
  );

const roomy: Volume = { freeBytes: 50 * GIB, totalBytes: 100 * GIB, freeInodes: 500_000, totalInodes: 1_000_000 };

test.each([
  [roomy, "ok", "50 %", ""],
  [{ ...roomy, freeBytes: 5 * GIB }, "warning", "5 %", "--storage.tsdb.retention.size"],
  [{ ...roomy, freeBytes: 1024 }, "error", "0 %", "du -xh /a"],
  [{ ...roomy, freeInodes: 50_000 }, "warning", "50000 inodes", "df -i"],
  [{ ...roomy, freeInodes: 5 }, "error", "5 inodes", "df -i"],
  [{ ...roomy, freeInodes: 0, totalInodes: 0 }, "ok", "50 %", ""],
  [undefined, "warning", "cannot be told", "df /a"],
])("disk: %j is %s", async (volume, level, what, hint) => {
  const [first] = await run(volume);
  expect(first).toMatchObject({ level, what: expect.stringContaining(what), hint: expect.stringContaining(hint) });
});

test("disk: folders of one file system are told together", async () => {
  expect(await run(roomy)).toMatchObject([{ what: expect.stringMatching(/^\/a, \/b: /) }]);
});
