import { type Collection, collectorsFor, hostFiles, openCollection, Settings } from "@narthex/collectors";
import { enabledCollectors, resolvedFlags } from "./collector-flags.ts";
import type { Context } from "./context.ts";

/**
 * Time limit of a collector in ms. A scrape that takes longer is answered without this collector, because Prometheus
 * allows 10 s for a scrape.
 */
const COLLECTOR_LIMIT_MS = 8000;

/** Opens the collectors that the flags enable, which read the host's files. Throws if flags contradict each other. */
export function openCollectors({ clock, flags, given, logger }: Context): Collection {
  const files = hostFiles({
    procfs: flags["path.procfs"],
    sysfs: flags["path.sysfs"],
    rootfs: flags["path.rootfs"],
    udevData: flags["path.udev.data"],
  });
  const enabled = enabledCollectors(collectorsFor(files), { values: flags, given });
  const settings = new Settings(resolvedFlags(flags, enabled), given);
  const collection = openCollection(enabled, { files, settings, clock, logger, timeLimitMs: COLLECTOR_LIMIT_MS });
  logger.info("Enabled collectors", { collectors: collection.names.join(" ") });
  return collection;
}
