import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FileCalls } from "./file-calls.ts";
import { Workplace } from "./workplace.ts";

const runtime = new URL("../../../packages/runtime/src/index.ts", import.meta.url).href;

test("a data file is replaced in an order that survives a power cut", () => {
  using workplace = new Workplace();
  const [path, calls] = [workplace.path("state.json"), new FileCalls(workplace.path("calls"))];
  writeFileSync(path, "old");
  const program = `
    import { replaceDataFile } from ${JSON.stringify(runtime)};
    await replaceDataFile(${JSON.stringify(path)}, Buffer.from("new"));`;
  const { status } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { env: calls.env });
  const relevant = calls.all().filter((one) => one.path.startsWith(workplace.folder));
  expect(status).toBe(0);
  expect(relevant.map(({ call, path: of, to }) => [call, of, to])).toEqual([
    ["write", `${path}.in_progress`, ""],
    ["sync", `${path}.in_progress`, ""],
    ["rename", `${path}.in_progress`, path],
    ["sync", workplace.folder, ""],
  ]);
});
