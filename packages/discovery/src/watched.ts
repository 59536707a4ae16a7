import { identityOf } from "@narthex/config";
import type { Mechanism, WatchedKind } from "./provider.ts";

/** A mechanism of a kind that hears of changes by itself. */
export const defineWatched = <C>(kind: WatchedKind<C>): Mechanism => ({
  key: kind.key,
  name: kind.name,
  ...(kind.goType === undefined ? {} : { goType: kind.goType }),
  codec: kind.codec,
  identity: (config) => `${kind.key}\n${identityOf(kind.codec, config as C)}`,
  run: (config, context, emit) => kind.watch(config as C, context, emit),
});
