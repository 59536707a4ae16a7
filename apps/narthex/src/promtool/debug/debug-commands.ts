import { resolve } from "node:path";
import type { Host } from "@narthex/runtime";
import type { CommandGroup } from "../../command-line/command.ts";
import { type PromtoolCommand, type PromtoolContext, promtoolCommand } from "../command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { openServer, ServerError } from "../server-client.ts";
import { DEBUG_PAGES, type DebugPage } from "./debug-pages.ts";

const ARCHIVE = "debug.tar.gz";
/** Time limit for fetching one debug page, ms. A server takes 30 s to record a profile. */
const TIMEOUT_MS = 120_000;

const debugCommand = (name: keyof typeof DEBUG_PAGES, help: string): PromtoolCommand =>
  promtoolCommand({
    name,
    help,
    flags: {},
    operands: [{ name: "server", required: true }],
    async run({ host, operands: [url] }) {
      try {
        await collect(host, url!, DEBUG_PAGES[name]);
        host.stdout(`Compiling debug information complete, all files written in "${ARCHIVE}".\n`);
        return EXIT_OK;
      } catch (error) {
        const isExpected = error instanceof ServerError || (error instanceof Error && "code" in error);
        if (!isExpected) throw error;
        host.stderr(`error completing debug command: ${error.message}\n`);
        return EXIT_FAILURE;
      }
    },
  });

export const debugCommands: CommandGroup<PromtoolContext> = {
  name: "debug",
  help: "Fetch debug information.",
  commands: [
    debugCommand("pprof", "Fetch profiling debug information."),
    debugCommand("metrics", "Fetch metrics debug information."),
    debugCommand("all", "Fetch all debug information."),
  ],
};

async function collect(host: Host, url: string, pages: readonly DebugPage[]): Promise<void> {
  const { MAX_PAGE_BYTES, uncompressed, writeArchive } = await import("./debug-archive.ts");
  await using server = await openServer(host, url, "", TIMEOUT_MS, MAX_PAGE_BYTES);
  const unpacked = (from: string, bytes: Uint8Array): Uint8Array => {
    try {
      return uncompressed(bytes);
    } catch (cause) {
      throw new ServerError(`${from}: ${(cause as Error).message}`, { cause });
    }
  };
  const files = [];
  for (const { path, file } of pages) {
    host.stdout(`collecting: ${server.base}${path}\n`);
    const { status, bytes, fileName } = await server.getBytes(path).catch((cause: unknown) => {
      throw new ServerError(`error executing HTTP request: ${(cause as Error).message}`, { cause });
    });
    if (status === 404 || status === 501)
      host.stderr(`not collected, because the server does not have this page: ${path}\n`);
    else if (status !== 200) throw new ServerError(`${server.base}${path} answered with status ${status}`);
    else files.push({ name: nameOf(file, fileName), body: unpacked(server.base + path, bytes) });
  }
  if (files.length === 0) throw new ServerError(`${server.base} has none of the pages`);
  await writeArchive(resolve(host.cwd, ARCHIVE), files);
}

/**
 * Returns the file name of a debug page in the archive. Profiles of Narthex keep the file suffix that the server
 * suggests, because tools recognise profiles by this suffix.
 */
function nameOf(file: string, suggested: string): string {
  const suffix = /\.\w+profile$/.exec(suggested)?.[0];
  return suffix === undefined ? file : file.replace(/\.pb$/, suffix);
}
