import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished, TestRunner } from "vitest";

/**
 * Makes an empty folder and returns its path. A folder made in a test or its `beforeEach` is removed when the test has ended,
 * a folder made at the top of a file when all its tests have ended.
 */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "narthex-test-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  if (TestRunner.getCurrentTest() === undefined) afterAll(remove);
  else onTestFinished(remove);
  return folder;
}
