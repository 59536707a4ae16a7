import { Labels } from "@narthex/model";
import { runInTimeSlices, type Steps } from "@narthex/runtime";
import { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient, LONGEST_REQUEST_MS } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { secretText } from "../../fields/secret-text.ts";
import type { TargetGroup } from "../../target-group.ts";
import { prefixedLabels } from "../../target-labels.ts";
import type { MarathonDiscovery } from "./marathon-section.ts";
import { targetsOfApp } from "./tasks.ts";

/** Number of targets after which other work can run. */
const TARGETS_A_STEP = 100;

/**
 * Returns a function that lists the apps with their tasks; https://mesosphere.github.io/marathon/api-console/index.html.
 */
export async function openApps(config: MarathonDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const client = await DiscoveryClient.open(config.httpClient, context);
  const headers = await tokenHeaders(config);
  const apis = config.servers.map(
    (server) => new JsonApi({ client, context, base: server, timeoutMs: LONGEST_REQUEST_MS, headers }),
  );
  return async () => {
    // Spreads the load on the servers, as Prometheus does. After a failure, the next refresh probably uses another server.
    const api = apis[Math.floor(Math.random() * apis.length)]!;
    const answer = await api.get("/v2/apps/", { embed: "apps.tasks" });
    return runInTimeSlices(context.clock, groupsOf(answer.list("apps")));
  };
}

type Headers = () => Promise<Readonly<Record<string, string>>>;

/** Returns the headers with the token of DC/OS. Rejects if the token's file cannot be read, which is then read again. */
async function tokenHeaders({ authToken, authTokenFile }: MarathonDiscovery): Promise<Headers> {
  if (authTokenFile === "" && (authToken?.reveal() ?? "") === "") return () => Promise.resolve({});
  const headers: Headers = async () => ({
    authorization: `token=${await secretText(authToken, authTokenFile, "auth token file")}`,
  });
  await headers();
  return headers;
}

function* groupsOf(apps: readonly JsonValue[]): Steps<readonly TargetGroup[]> {
  const groups = new Map<string, TargetGroup>();
  let sinceStep = 0;
  for (const app of apps) {
    const source = app.text("id");
    const targets: Labels[] = [];
    for (const target of targetsOfApp(app)) {
      targets.push(Labels.of(target));
      if (++sinceStep % TARGETS_A_STEP === 0) yield;
    }
    if (++sinceStep % TARGETS_A_STEP === 0) yield;
    groups.set(source, { source, targets, labels: Labels.of(appLabels(app)) });
  }
  return [...groups.values()];
}

const appLabels = (app: JsonValue): Readonly<Record<string, string>> => ({
  __meta_marathon_app: app.text("id"),
  __meta_marathon_image: app.at("container", "docker").text("image"),
  ...prefixedLabels("__meta_marathon_app_label_", app.textsByName("labels")),
});
