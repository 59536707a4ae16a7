import { flushCompileCache } from "node:module";
import { dirname } from "node:path";
import { processHost } from "@narthex/runtime";
import { removePidFileAtExit } from "./bundle/pid-files.ts";
import { commands, usage } from "./commands.ts";
import { versionLine } from "./version-line.ts";

// The reader of standard output has exited (`narthex … | head`), so exit silently.
process.stdout.on("error", () => process.exit(1));

// Children of `narthex up` have other process ids than the launcher, so they have no pid file.
removePidFileAtExit(dirname(process.argv[1] ?? ""));

const NEVER_SETTLED = 13;

void main();

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  const command = name === undefined ? undefined : commands.find((candidate) => candidate.name === name);
  const host = processHost(args);

  if (command !== undefined) {
    // If a promise never settles, Node exits. This value is then the exit status instead of 0.
    process.exitCode = NEVER_SETTLED;
    const run = await command.load();
    // Saves compiled code now, which also frees some megabytes of compiled code that was read from disk.
    flushCompileCache();
    process.exitCode = await run(host);
  } else if (name === "--version" || name === "version") {
    host.stdout(versionLine());
  } else if (name === "--help" || name === "-h" || name === "help") {
    host.stdout(usage(commands));
  } else {
    host.stderr(name === undefined ? usage(commands) : `narthex: error: unknown command "${name}", try --help\n`);
    process.exitCode = 1;
  }
  // The command has stopped all its parts here. Half-open sockets or timers of libraries must not delay the exit, but
  // output that a pipe's reader has not read yet must be written.
  await host.outputDrained();
  process.exit();
}
