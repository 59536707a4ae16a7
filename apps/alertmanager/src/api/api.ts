import { resolve } from "node:path";
import { apiV2, type RecurringSilences } from "@narthex/alerting";
import { type Feature, problemFields } from "@narthex/http";
import { buildInformation } from "@narthex/runtime";
import type { Cluster } from "../cluster/cluster.ts";
import type { Context } from "../context.ts";
import type { Engine } from "../dispatching/engine.ts";
import { openReceiverSetup } from "../receiver-setup/open-receiver-setup.ts";
import { receiverSetupRoutes } from "../receiver-setup/receiver-setup-routes.ts";
import type { StateStores } from "../state/state-stores.ts";
import { kubernetesConfigRoutes } from "./kubernetes-config-routes.ts";
import { receiverTestRoutes } from "./receiver-test-routes.ts";
import { ReceiverTests } from "./receiver-tests.ts";
import { templatePreviewRoutes } from "./template-preview-routes.ts";

export interface ApiFeatures {
  readonly state: StateStores;
  readonly recurringSilences: RecurringSilences;
  readonly cluster: Cluster;
  readonly engine: Engine;
}

/** Serves `/api/v2`. */
export function openApi(context: Context, { state, recurringSilences, cluster, engine }: ApiFeatures): Feature {
  const { acknowledgements, alerts, alertHistory, journal, log, notificationHistory, silences } = state;
  const { alertingMetrics: metrics, build, clock, featureFlags, flags, host, startedAt, web } = context;
  return {
    name: "api",
    async routes({ app, webConfig }) {
      const tests = new ReceiverTests();
      const api = apiV2(
        { clock, metrics, mode: featureFlags.mode, startedAt, versionInfo: buildInformation(build) },
        {
          alerts,
          alertsWritten: () => journal.written(),
          alertHistory,
          silences,
          recurringSilences,
          acknowledgements,
          log,
          notificationHistory,
          state: () => engine.state(),
          cluster: () => cluster.status(),
          problems: () => problemFields({ webConfigProblem: webConfig, clusterTlsProblem: cluster.tlsFile }),
          extensions: [
            receiverTestRoutes(() => engine.trials(), tests),
            receiverSetupRoutes({
              setup: openReceiverSetup(flags["web.enable-receiver-setup"], context, engine),
              tests,
              trials: () => engine.trials(),
              file: resolve(host.cwd, flags["config.file"]),
              externalUrl: web.externalUrl,
            }),
            templatePreviewRoutes(() => engine.trials()),
            kubernetesConfigRoutes(() => engine.kubernetesConfigs()),
          ],
        },
      );
      await app.register(api, { prefix: `${web.routePrefix}/api/v2` });
    },
  };
}
