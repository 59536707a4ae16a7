import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished, TestRunner } from "vitest";

/**
 * Creates an empty folder and returns its path. A folder created in a test or its `beforeEach` is removed when the test
 * has ended. A folder created at the top of a file is removed when all tests of the file have ended.
 */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "narthex-test-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  if (TestRunner.getCurrentTest() === undefined) afterAll(remove);
  else onTestFinished(remove);
  return folder;
}
