import { PushGroups, storePersistence } from "@narthex/pushing";
import type { Context } from "./context.ts";
import type { Persistence } from "./persistence.ts";

/** Creates the collection of pushed groups from the flags. */
export const openGroups = ({ clock, flags, logger }: Context, { store }: Persistence): PushGroups =>
  new PushGroups({
    clock,
    isChecking: !flags["push.disable-consistency-check"],
    persistence: store === undefined ? undefined : storePersistence(store),
    logger,
    limits: {
      maxSeriesPerGroup: flags["push.max-series-per-group"] || undefined,
      maxGroups: flags["push.max-groups"] || undefined,
    },
  });
