import { spawnSync } from "node:child_process";

/** Result of a configuration check for one file. */
export interface Verdict {
  /** Whether the file, and the rule files to which it refers, have no errors. */
  readonly accepted: boolean;
  /** The complete output of the check about the file. */
  readonly output: string;
}

/**
 * Runs a command such as `promtool check config` over many files, a group of files at a time. Splits the output by
 * file.
 */
export function verdictsOf(command: readonly string[], folder: string, files: readonly string[]): Map<string, Verdict> {
  const found = new Map<string, Verdict>();
  let left = files;
  while (left.length > 0) {
    const some = left.slice(0, 150);
    // Sends standard output and standard error to one pipe, which keeps the order of their lines.
    const args = ["-c", 'exec "$@" 2>&1', "sh", ...command, ...some];
    // Disables Amazon's metadata service, which promtool would otherwise ask for the region.
    const env = { ...process.env, AWS_EC2_METADATA_DISABLED: "true" };
    const { stdout, status } = spawnSync("sh", args, { cwd: folder, env, encoding: "utf8", maxBuffer: 1 << 28 });
    const crashed = /^panic: /m.test(stdout);
    if (status !== 0 && status !== 1 && !crashed) throw new Error(`status ${status}: ${stdout.slice(-2000)}`);
    const outputs = sections(stdout, new Set(some));
    for (const [file, text] of outputs) {
      found.set(file, {
        accepted: text.includes(` SUCCESS: ${file} is valid`) && !/^ {2}FAILED:/m.test(text),
        output: text,
      });
    }
    // After a crash, the unchecked files are checked in the next round, because promtool crashes on some files.
    left = left.slice(crashed ? outputs.size : some.length);
  }
  const missing = files.filter((file) => !found.has(file));
  if (missing.length > 0) throw new Error(`nothing was said of ${missing.join(", ")}`);
  return found;
}

function sections(output: string, files: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  let current = "";
  for (const line of output.split("\n")) {
    const file = /^Checking (.*)$/.exec(line)?.[1];
    if (file !== undefined && files.has(file)) current = file;
    else if (current !== "") found.set(current, `${found.get(current) ?? ""}${line}\n`);
  }
  return found;
}
