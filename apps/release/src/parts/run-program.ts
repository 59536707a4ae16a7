import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ReleaseError } from "../release-error.ts";

const run = promisify(execFile);

interface RunOptions {
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a program during the build. Resolves with its standard output, or rejects with ReleaseError, whose message
 * contains the output.
 */
export async function runProgram(name: string, args: readonly string[], options: RunOptions): Promise<string> {
  try {
    const { stdout } = await run(name, args, { ...options, maxBuffer: 64 * 2 ** 20 });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
    const said = `${stdout}${stderr}`.trim();
    throw new ReleaseError(`${name} ${args.join(" ")}: ${said === "" ? message : said}`, { cause: error });
  }
}
