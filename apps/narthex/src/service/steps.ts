import { randomUUID } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { CommandError } from "../command-line/command.ts";
import { shellCommand } from "./shell-words.ts";
import { rooted, type System } from "./system.ts";

/** A change of the machine. Paths do not include the folder that is used as the root. */
export type Step =
  | {
      readonly kind: "write";
      readonly path: string;
      readonly text: string;
      /** Encoding of the file. Default: UTF-8. UTF-16 begins with a byte order mark. */
      readonly encoding?: "utf16le";
    }
  /** Copies a file or folder of this program. An existing file is never overwritten. */
  | {
      readonly kind: "copy";
      readonly from: string;
      readonly path: string;
      readonly note: string;
      /** Whether only the owner and the group may read the file. By default, everybody may. */
      readonly isPrivate?: boolean;
    }
  /** Renames a file of the user. */
  | { readonly kind: "keep"; readonly path: string; readonly copy: string }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "remove"; readonly path: string }
  /** Runs a command. Skipped if the installation only writes files below another root folder. */
  | {
      readonly kind: "run";
      readonly command: string;
      readonly args: readonly string[];
      readonly hint?: string;
      /** Whether a failure of the command is ignored. */
      readonly mayFail?: boolean;
      /** Number of attempts, with one second between them. */
      readonly attempts?: number;
    }
  | { readonly kind: "tell"; readonly text: string };

/** Performs a step. Throws CommandError with the error and what to do. */
export async function perform(step: Step, system: System): Promise<void> {
  const say = (text: string): void => system.host.stdout(`${text}\n`);
  try {
    await change(step, system, say);
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error)) throw error;
    throw new CommandError(error.message, { cause: error });
  }
}

async function change(step: Step, system: System, say: (text: string) => void): Promise<void> {
  switch (step.kind) {
    case "write":
      replaceFile(rooted(system, step.path), bytesOf(step));
      return say(`wrote ${rooted(system, step.path)}`);
    case "copy": {
      const path = rooted(system, step.path);
      if (existsSync(path)) return;
      makeFolder(dirname(path));
      cpSync(step.from, path, { recursive: true, errorOnExist: true, force: false });
      setModes(path, step.isPrivate === true ? PRIVATE_BITS : ALL_BITS);
      return say(`${path} ${step.note}`);
    }
    case "keep":
      renameSync(rooted(system, step.path), rooted(system, step.copy));
      return say(`kept the former ${rooted(system, step.path)} as ${rooted(system, step.copy)}`);
    case "folder":
      makeFolder(rooted(system, step.path));
      return;
    case "link": {
      const path = rooted(system, step.path);
      makeFolder(dirname(path));
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) rmSync(path);
      symlinkSync(step.target, path);
      return;
    }
    case "remove":
      rmSync(rooted(system, step.path), { force: true });
      return say(`removed ${rooted(system, step.path)}`);
    case "run":
      return runStep(step, system);
    case "tell":
      return say(step.text);
  }
}

const RETRY_MS = 1000;

async function runStep(step: Extract<Step, { kind: "run" }>, system: System): Promise<void> {
  if (system.isStaged) return;
  let { status, stderr, stdout } = await system.run(step.command, step.args);
  for (let attempt = 1; status !== 0 && attempt < (step.attempts ?? 1); attempt++) {
    await system.host.clock.sleep(RETRY_MS, system.host.stopping);
    ({ status, stderr, stdout } = await system.run(step.command, step.args));
  }
  if (status === 0 || step.mayFail === true) return;
  const words = (stderr || stdout).trim();
  const hint = step.hint === undefined ? "" : `; ${step.hint}`;
  throw new CommandError(
    `${shellCommand([step.command, ...step.args])} failed with status ${status}${words === "" ? "" : `: ${words}`}${hint}`,
  );
}

const bytesOf = ({ text, encoding }: Extract<Step, { kind: "write" }>): Buffer =>
  encoding === undefined ? Buffer.from(text) : Buffer.from(`\ufeff${text}`, encoding);

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;

/**
 * Creates a folder and its parents with modes that do not depend on root's umask, so that the users of the services can
 * enter them.
 */
function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let folder = path; ; folder = dirname(folder)) {
    chmodSync(folder, FOLDER_MODE);
    if (folder === first || folder === dirname(folder)) return;
  }
}

const ALL_BITS = 0o777;
const PRIVATE_BITS = 0o770;

/** Sets the modes of a copied file or folder, independent of the modes of the original. */
function setModes(path: string, bits: number): void {
  const isFolder = statSync(path).isDirectory();
  chmodSync(path, (isFolder ? FOLDER_MODE : FILE_MODE) & bits);
  if (isFolder) for (const name of readdirSync(path)) setModes(join(path, name), bits);
}

/** Replaces a file atomically, so that a reader sees either the whole old file or the whole new one. */
function replaceFile(path: string, content: Buffer): void {
  makeFolder(dirname(path));
  // The name is random, so other users cannot create the file in advance.
  const fresh = `${path}.${randomUUID()}.new`;
  try {
    writeFileSync(fresh, content, { flag: "wx" });
    chmodSync(fresh, FILE_MODE);
    renameSync(fresh, path);
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** Returns the text of a step for `--print`: the content of files, and everything else as comments. */
export function printed(step: Step): string {
  switch (step.kind) {
    case "write":
      return `# ${step.path}\n${step.text}\n`;
    case "copy":
      return `# copied: ${step.path}, which ${step.note}\n`;
    case "keep":
      return `# kept: what is in ${step.path}, as ${step.copy}\n`;
    case "folder":
      return `# made: ${step.path}\n`;
    case "link":
      return `# linked: ${step.path} to ${step.target}\n`;
    case "remove":
      return `# removed: ${step.path}\n`;
    case "run":
      return `# run: ${shellCommand([step.command, ...step.args])}\n`;
    case "tell":
      return `# ${step.text}\n`;
  }
}
