import { flushCompileCache } from "node:module";
import { processHost } from "@narthex/runtime";
import { commands, usage } from "./commands.ts";
import { versionLine } from "./version-line.ts";

// The program that reads the output has ended (`narthex … | head`), so no error can be printed.
process.stdout.on("error", () => process.exit(1));

const NEVER_SETTLED = 13;

void main();

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  const command = name === undefined ? undefined : commands.find((candidate) => candidate.name === name);
  const host = processHost(args);

  if (command !== undefined) {
    // If a promise can never settle, Node ends the process. The exit status is then Node's status for this case instead
    // of 0.
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
  // When a role returns, it has stopped all its parts. Anything that still keeps the event loop alive, such as a
  // half-open socket or a library's timer, must not delay the exit. The process only waits for output that the reader
  // of a pipe has not read yet.
  await host.outputDrained();
  process.exit();
}
