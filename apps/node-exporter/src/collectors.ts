import { type Collection, collectorsFor, hostFiles, openCollection, Settings } from "@narthex/collectors";
import { enabledCollectors, resolvedFlags } from "./collector-flags.ts";
import type { Context } from "./context.ts";

/** A collector may take this long before the scrape goes out without it; Prometheus gives a scrape 10 s. */
const COLLECTOR_LIMIT_MS = 8000;

/** The collectors that the flags enable, which read the host's files. Throws where flags contradict each other. */
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
