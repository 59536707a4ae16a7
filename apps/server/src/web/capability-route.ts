import { access, sendSuccess } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import type { ServerFeature } from "../server-feature.ts";

/** Serves `/features`, the features of this server by category. A feature is true if it can be used now. */
export function capabilityRoute(app: FastifyInstance, features: Iterable<ServerFeature>): void {
  app.get("/features", access("read", { series: "none" }), async (_request, reply) =>
    sendSuccess(reply, { data: capabilitiesOf(features) }),
  );
}

function capabilitiesOf(features: Iterable<ServerFeature>): unknown {
  const categories = new Map<string, [name: string, isUsable: boolean][]>();
  for (const { features: own = {} } of features) {
    for (const [category, capabilities] of Object.entries(own))
      categories.set(category, [...(categories.get(category) ?? []), ...Object.entries(capabilities)]);
  }
  return inOrder([...categories].map(([category, capabilities]) => [category, inOrder(capabilities)]));
}

const inOrder = <T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> =>
  Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
