import { flushCompileCache } from "node:module";
import { NARTHEX_VERSION, processHost } from "@narthex/runtime";
import { commands, usage } from "./commands.ts";

// Whoever read the output is gone (`narthex … | head`): there is nobody to tell.
process.stdout.on("error", () => process.exit(1));

const NEVER_SETTLED = 13;

void main();

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  const command = name === undefined ? undefined : commands.find((candidate) => candidate.name === name);
  const host = processHost(args);

  if (command !== undefined) {
    // A process whose promises can never settle ends by itself: with the status that Node has for this, not as if all were well.
    process.exitCode = NEVER_SETTLED;
    const run = await command.load();
    // What was compiled goes to disk now, and what was read from there out of memory: some megabytes that nobody asks for again.
    flushCompileCache();
    process.exitCode = await run(host);
  } else if (name === "--version" || name === "version") {
    host.stdout(`narthex, version ${NARTHEX_VERSION} (node ${process.version})\n`);
  } else if (name === "--help" || name === "-h" || name === "help") {
    host.stdout(usage(commands));
  } else {
    host.stderr(name === undefined ? usage(commands) : `narthex: error: unknown command "${name}", try --help\n`);
    process.exitCode = 1;
  }
  // A role has stopped all its parts by now; what still holds the loop (a half-open socket, a library's timer) must not hold the exit.
  // Only output that a pipe's reader has not taken yet is waited for.
  await host.outputDrained();
  process.exit();
}
