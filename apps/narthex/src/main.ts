import { flushCompileCache } from "node:module";
import { dirname } from "node:path";
import { processHost } from "@narthex/runtime";
import { removePidFileAtExit } from "./bundle/pid-files.ts";
import { commands, usage } from "./commands.ts";
import { versionLine } from "./version-line.ts";

// Exits silently if the reader of standard output has exited, as in `narthex … | head`.
process.stdout.on("error", () => process.exit(1));

// Removes the pid file of this process at exit. Children of `narthex up` have none, because their process ids differ
// from the launcher's.
removePidFileAtExit(dirname(process.argv[1] ?? ""));

const NEVER_SETTLED = 13;

void main();

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  const command = name === undefined ? undefined : commands.find((candidate) => candidate.name === name);
  const host = processHost(args);

  if (command !== undefined) {
    // Exit status if a promise never settles, in which case Node exits by itself.
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
  // Waits until the output is written. The command has stopped all its parts, so half-open sockets or timers of
  // libraries must not delay the exit, but a pipe's reader must get all output.
  await host.outputDrained();
  process.exit();
}
