import { flushCompileCache } from "node:module";
import { NARTHEX_VERSION, processHost } from "@narthex/runtime";
import { commands, usage } from "./commands.ts";

// The reader of the output has gone (`narthex … | head`), so no message is possible.
process.stdout.on("error", () => process.exit(1));

const NEVER_SETTLED = 13;

void main();

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  const command = name === undefined ? undefined : commands.find((candidate) => candidate.name === name);
  const host = processHost(args);

  if (command !== undefined) {
    // If promises can never settle, Node ends the process. Its exit status is then that of Node for this case, not 0.
    process.exitCode = NEVER_SETTLED;
    const run = await command.load();
    // Writes compiled code to disk now, and frees some megabytes of compiled code that was read from disk.
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
  // A role has stopped all its parts here. Whatever still keeps the event loop alive (a half-open socket, a library's
  // timer) must not delay the exit. Only output that a pipe's reader has not taken yet is waited for.
  await host.outputDrained();
  process.exit();
}
