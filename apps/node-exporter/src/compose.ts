import { type Host, type Lifecycle, PageReturn, type RoleStart } from "@narthex/runtime";
import { openCollectors } from "./collectors.ts";
import { openContext } from "./context.ts";
import type { flags as flagTable } from "./flags.ts";
import { openWeb } from "./web.ts";

/**
 * Opens the exporter's features in order; they are stopped in reverse order. Throws if flags contradict each other or
 * an address is in use.
 */
export async function compose(host: Host, role: RoleStart<typeof flagTable>, lifecycle: Lifecycle): Promise<void> {
  const context = openContext(host, role);
  const { logger, build } = context;
  logger.info("Starting node_exporter", { version: build.version, narthex: build.narthex });
  const collection = openCollectors(context);
  const web = await openWeb(context, collection);
  lifecycle.add(web);
  await web.start();
  lifecycle.add(new PageReturn(context.clock));
}
