import {
  checkReferences,
  checkRoot,
  type InhibitRule,
  muteTimeIntervalSection,
  inhibitSection,
  type RouteWithPlaces,
  routeSection,
  type RouteDecodeOptions,
  type TimeInterval,
  timeIntervalSection,
} from "@narthex/alerting";
import {
  anyMapping,
  type Decoded,
  field,
  filePath,
  INVALID,
  listOf,
  optional,
  type FieldPositions,
  type Printable,
  type Report,
  section,
  type Section,
} from "@narthex/config";
import {
  type AlertmanagerConfigSelection,
  alertmanagerConfigSelection,
} from "@narthex/discovery/alertmanager-config-section";
import {
  globalSection,
  type ReceiverConfig,
  type ReceiverGlobals,
  receiverSection,
  resolveReceiver,
} from "@narthex/receivers";

export interface AlertmanagerConfig {
  readonly global: ReceiverGlobals;
  readonly route: RouteWithPlaces;
  readonly inhibitRules: readonly InhibitRule[];
  readonly receivers: readonly ReceiverConfig[];
  /** Globs of template files, relative to the working directory of the process. */
  readonly templates: readonly string[];
  readonly muteTimeIntervals: readonly TimeInterval[];
  readonly timeIntervals: readonly TimeInterval[];
  readonly tracing: Printable;
  readonly eventRecorder: Printable;
  /** Which AlertmanagerConfigs of Kubernetes are read. The original does not have this key. */
  readonly kubernetesConfigs: readonly AlertmanagerConfigSelection[];
}

type RawConfig = Omit<AlertmanagerConfig, "route"> & { readonly route: RouteWithPlaces | undefined };

/** Returns the schema of an alertmanager.yml. */
export function configSection(reading: RouteDecodeOptions): Section<AlertmanagerConfig> {
  const whole = section<RawConfig, AlertmanagerConfig>(
    "config.plain",
    {
      global: field("global", globalSection, globalSection.empty(), true),
      route: optional("route", routeSection(reading)),
      inhibitRules: field(
        "inhibit_rules",
        listOf(inhibitSection(reading), { goType: "[]config.InhibitRule" }) as never,
        [],
      ),
      receivers: field("receivers", listOf(receiverSection, { goType: "[]config.Receiver" }), []),
      templates: field("templates", listOf(filePath), [], true),
      muteTimeIntervals: field(
        "mute_time_intervals",
        listOf(muteTimeIntervalSection, { goType: "[]config.MuteTimeInterval" }),
        [],
      ),
      timeIntervals: field("time_intervals", listOf(timeIntervalSection, { goType: "[]config.TimeInterval" }), []),
      tracing: field("tracing", anyMapping, null),
      eventRecorder: field("event_recorder", anyMapping, null),
      kubernetesConfigs: field(KUBERNETES_CONFIGS, listOf(alertmanagerConfigSelection), []),
    },
    finish,
  );
  return {
    ...whole,
    // Leaves out the key that the original does not have, because its amtool reads the printed configuration.
    encode: (config) => whole.encode({ ...config, kubernetesConfigs: [] }),
    decode(node, context) {
      // Reports the missing route of an empty file with Alertmanager's message.
      if (node.kind !== "map" || node.entries.length > 0) return whole.decode(node, context);
      context.report(node, "no-route", "no route provided in config", ADD_ROUTE);
      return INVALID;
    },
  };
}

const KUBERNETES_CONFIGS = "kubernetes_alertmanager_configs";
const ADD_ROUTE = "add route with a receiver";

function finish(raw: RawConfig, at: FieldPositions<RawConfig>, report: Report): Decoded<AlertmanagerConfig> {
  let sound = true;
  const refuse: Report = (position, code, message, hint) => {
    report(position, code, message, hint);
    sound = false;
  };
  if (raw.route === undefined) {
    refuse(at.self, "no-route", "no routes provided", ADD_ROUTE);
    return INVALID;
  }
  const names = new Set<string>();
  for (const { name, place } of raw.receivers) {
    if (names.has(name)) {
      const message = `notification config name ${JSON.stringify(name)} is not unique`;
      refuse(place, "repeated-receiver", message, "rename one of the two");
    }
    names.add(name);
  }
  const receivers = raw.receivers.map((receiver) => resolveReceiver(receiver, () => raw.global, refuse));
  const intervals = checkIntervals(raw, at, refuse);
  checkRoot(raw.route, refuse);
  checkReferences(raw.route, { receivers: names, intervals }, refuse);
  if (new Set(raw.kubernetesConfigs.map(clusterOf)).size > 1) {
    const message = `the entries of ${KUBERNETES_CONFIGS} read several clusters, whose namespaces cannot be told apart`;
    refuse(
      at.kubernetesConfigs,
      "kubernetes-clusters",
      message,
      "keep one cluster; run an Alertmanager for each other",
    );
  }
  return sound ? { ...raw, route: raw.route, receivers } : INVALID;
}

/** Returns a text that identifies the cluster of an entry. */
const clusterOf = ({ apiServer = "", kubeconfigFile }: AlertmanagerConfigSelection): string =>
  `${kubeconfigFile}\n${apiServer}`;

function checkIntervals(raw: RawConfig, at: FieldPositions<RawConfig>, refuse: Report): ReadonlySet<string> {
  const names = new Set<string>();
  const check = (list: readonly TimeInterval[], position: typeof at.self, words: string): void => {
    for (const { name } of list) {
      const message = `${words} ${JSON.stringify(name)} is not unique`;
      if (names.has(name)) refuse(position, "repeated-interval", message, "rename one of the two");
      names.add(name);
    }
  };
  check(raw.muteTimeIntervals, at.muteTimeIntervals, "mute time interval");
  check(raw.timeIntervals, at.timeIntervals, "time interval");
  return names;
}
