import { FeatureList } from "@narthex/http";
import { QueryError } from "@narthex/promql";
import type { Lifecycle } from "@narthex/runtime";
import { openReloading } from "../configuration/reloading.ts";
import type { Context } from "../context.ts";
import { openConsoles } from "../consoles/consoles.ts";
import { openDiscovery } from "../discovery/discovery.ts";
import { openOtlp } from "../otlp/otlp.ts";
import { openRemoteWrite } from "../remote-write/remote-write.ts";
import { openRemoteWriting } from "../remote-write/remote-writing.ts";
import { openScraping } from "../scraping/scraping.ts";
import type { ServerFeature } from "../server-feature.ts";
import { openWeb } from "../web/web.ts";
import { agentFolder, openAgentStorage } from "./agent-storage.ts";
import { openUnavailable, UNSUPPORTED } from "./unavailable-routes.ts";

/** Opens the features for agent mode (`--agent`), in which samples are only forwarded and cannot be queried. */
export async function openAgentFeatures(context: Context, lifecycle: Lifecycle): Promise<Iterable<ServerFeature>> {
  const features = new FeatureList<ServerFeature>(lifecycle, context.metrics);
  const storage = features.add(openAgentStorage(context));
  features.add(openRemoteWrite(context, storage));
  features.add(openOtlp(context, storage));
  // Adds remote write before scraping. Features stop in reverse order, and remote write must stop after the scrapes.
  const sending = features.add(
    openRemoteWriting(context, {
      folder: agentFolder(context),
      log: () => storage.agent,
      metadata: () => scraping.manager.views.metadata("", -1, 0),
    }),
  );
  storage.followedBy(sending.sent);
  const scraping = features.add(openScraping(context, storage));
  features.add(openDiscovery(context, { scraping }));
  features.add(openUnavailable(context));
  const consoles = features.add(
    openConsoles(context, { evaluate: () => Promise.reject(new QueryError("execution", UNSUPPORTED)) }),
  );
  const corruptions = (): number => storage.agent.corruptions;
  features.add(await openWeb(context, { isAgent: true, corruptions, consoles, features }));
  features.add(openReloading(context));
  return features;
}
