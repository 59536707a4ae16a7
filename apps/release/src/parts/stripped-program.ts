import { spawnSync } from "node:child_process";
import { mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReleaseError } from "../release-error.ts";
import type { Target } from "../targets.ts";
import { executableKind } from "./executable-kind.ts";
import { runProgram } from "./run-program.ts";

const CPUS: Readonly<Record<Target["arch"], { readonly tool: string; readonly debian: string }>> = {
  arm64: { tool: "aarch64-linux-gnu-strip", debian: "binutils-aarch64-linux-gnu" },
  x64: { tool: "x86_64-linux-gnu-strip", debian: "binutils-x86-64-linux-gnu" },
};

export interface StripOptions {
  readonly signal: AbortSignal;
  /** Logs the reason why a program is not stripped. */
  readonly warn: (line: string) => void;
  /** Reports whether this machine has a program. */
  readonly has?: (tool: string) => boolean;
  readonly run?: typeof runProgram;
}

const isInstalled = (tool: string): boolean => spawnSync(tool, ["--version"]).status === 0;

/**
 * Returns a target's program without debug information and without symbols that only a debugger needs. Returns the
 * program as it is if the target is not Linux, or if this machine has no `strip` for the target's processor.
 */
export async function strippedProgram(target: Target, program: Uint8Array, options: StripOptions): Promise<Uint8Array> {
  const { signal, warn, has = isInstalled, run = runProgram } = options;
  if (target.platform !== "linux") return program;
  const { tool, debian } = CPUS[target.arch];
  // Uses `strip` without a prefix on a machine with the target's processor.
  const isOwn = process.platform === "linux" && process.arch === target.arch;
  const found = [tool, ...(isOwn ? ["strip"] : [])].find(has);
  if (found === undefined) {
    warn(
      `Node for ${target.name} keeps its debug information, because ${tool} is missing (Debian: apt-get install ${debian})`,
    );
    return program;
  }
  using temporary = mkdtempDisposableSync(join(tmpdir(), "narthex-strip-"));
  const path = join(temporary.path, "node");
  writeFileSync(path, program);
  await run(found, ["--strip-all", path], { cwd: temporary.path, signal });
  const stripped = readFileSync(path);
  const [before, after] = [executableKind(program), executableKind(stripped)];
  if (stripped.length > program.length || before?.arch !== after?.arch || before?.libc !== after?.libc)
    throw new ReleaseError(`${found} damaged Node for ${target.name}; update binutils, or remove it from the PATH`);
  return stripped;
}
