import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { lacks, peers } from "../../support/requirements.ts";
import { root } from "../../support/running.ts";

const run = promisify(execFile);

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder))
    .toSorted()
    .map((name) => join(folder, name));

describe.skipIf(lacks("peers"))("Prometheus' promtool", () => {
  const promtool = (...args: readonly string[]): Promise<{ stdout: string }> =>
    run(join(peers, "promtool"), args, { cwd: root });

  test("accepts the files of the alert pack", async () => {
    const files = [...filesIn("deploy/config/rules"), ...filesIn("deploy/config/alert-pack")];
    const { stdout } = await promtool("check", "rules", "--lint-fatal", ...files);
    expect(stdout.match(/SUCCESS/g)).toHaveLength(files.length);
  });

  test.for(filesIn("deploy/alert-pack/tests"))("passes the tests of %s", async (file) => {
    const { stdout } = await promtool("test", "rules", file);
    expect(stdout).toBe("  SUCCESS\n\n");
  });
});
