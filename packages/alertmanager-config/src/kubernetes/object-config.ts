import {
  checkReferences,
  type InhibitRule,
  inhibitSection,
  muteTimeIntervalSection,
  type RouteDecodeOptions,
  type RouteWithPlaces,
  routeSection,
  type TimeInterval,
} from "@narthex/alerting";
import { type Codec, decodeJson, type JsonValue, type Printable, type Problem, type Report } from "@narthex/config";
import type { ObjectSettings } from "@narthex/discovery/alertmanager-configs";
import {
  type ConfiguredIntegration,
  globalsWithoutCredentials,
  RECEIVER_KINDS,
  type ReceiverConfig,
  receiverSection,
  resolveReceiver,
} from "@narthex/receivers";
import type { AlertmanagerConfig } from "../alertmanager-config.ts";
import { withoutSecretNames } from "./secret-names.ts";

/** Parts that a valid AlertmanagerConfig of Kubernetes adds to the configuration of the file. */
export interface ObjectConfig {
  readonly route: RouteWithPlaces | undefined;
  readonly receivers: readonly ReceiverConfig[];
  readonly inhibitRules: readonly InhibitRule[];
  readonly muteTimeIntervals: readonly TimeInterval[];
  /** The same, for printing, without secrets. */
  readonly printed: {
    readonly route: Printable | undefined;
    readonly receivers: readonly Printable[];
    readonly inhibitRules: readonly Printable[];
    readonly muteTimeIntervals: readonly Printable[];
  };
}

/** The decoded parts of an object, or its problems as sentences. */
export type ObjectOutcome =
  | { readonly ok: true; readonly config: ObjectConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Returns a function that checks objects as the file is checked, with the defaults of the file's `global`. */
export function objectChecker(
  file: AlertmanagerConfig,
  reading: RouteDecodeOptions,
): (settings: ObjectSettings) => ObjectOutcome {
  const codecs = { route: routeSection(reading), inhibitRule: inhibitSection(reading) };
  const guarded = globalsWithoutCredentials(file.global);
  const taken = {
    receivers: new Set(file.receivers.map(({ name }) => name)),
    intervals: new Set([...file.muteTimeIntervals, ...file.timeIntervals].map(({ name }) => name)),
  };
  return (settings) => {
    const problems: string[] = [];
    const read = <T>(place: string, value: JsonValue, codec: Codec<T>): T[] => {
      const loaded = decodeJson(value, codec);
      if (loaded.ok) return [loaded.value];
      for (const problem of loaded.problems) problems.push(`${place}: ${sentenceOf(problem)}`);
      return [];
    };
    const route = settings.route === undefined ? [] : read("route", settings.route, codecs.route);
    const receivers = settings.receivers.flatMap((receiver, i) => {
      const place = `receivers[${i}]`;
      const broken = integrationProblems(receiver, place);
      for (const problem of broken) problems.push(problem);
      if (broken.length > 0) return [];
      let at = place;
      const report: Report = (_at, _code, message, hint = "") =>
        void problems.push(`${at}: ${sentenceOf({ message, hint })}; ${CREDENTIALS_HINT}`);
      const globalsFor = (integration: ConfiguredIntegration) => {
        at = `${place}.${integration.kind.key}[${integration.index}]`;
        return hasOwnAddress(receiver, integration) ? guarded : file.global;
      };
      return read(place, receiver, receiverSection).map((decoded) => resolveReceiver(decoded, globalsFor, report));
    });
    const inhibitRules = settings.inhibitRules.flatMap((rule, i) =>
      read(`inhibitRules[${i}]`, rule, codecs.inhibitRule),
    );
    const muteTimeIntervals = settings.muteTimeIntervals.flatMap((interval, i) =>
      read(`time intervals[${i}]`, interval, muteTimeIntervalSection),
    );
    if (problems.length > 0) return { ok: false, problems };
    const names = {
      receivers: uniqueNames("receiver", receivers, taken.receivers, problems),
      intervals: uniqueNames("time interval", muteTimeIntervals, taken.intervals, problems),
    };
    for (const top of route)
      checkReferences(top, names, (_at, _code, message) => void problems.push(`route: ${message}`));
    if (problems.length > 0) return { ok: false, problems };
    return {
      ok: true,
      config: {
        route: route[0],
        receivers,
        inhibitRules,
        muteTimeIntervals,
        printed: {
          route: route[0] && codecs.route.encode(route[0]),
          receivers: receivers.map((receiver) => withoutSecretNames(receiverSection.encode(receiver))),
          inhibitRules: inhibitRules.map((rule) => codecs.inhibitRule.encode(rule)),
          muteTimeIntervals: muteTimeIntervals.map((interval) => muteTimeIntervalSection.encode(interval)),
        },
      },
    };
  };
}

/** Returns the problems of each integration of a receiver, with its position. */
function integrationProblems(receiver: JsonValue, place: string): readonly string[] {
  const lists = new Map(Object.entries(receiver as Readonly<Record<string, JsonValue>>));
  return RECEIVER_KINDS.flatMap(({ key, section }) =>
    ((lists.get(key) ?? []) as readonly JsonValue[]).flatMap((integration, i) => {
      const loaded = decodeJson(integration, section);
      return loaded.ok
        ? []
        : loaded.problems.map((problem) => `${place}.${key}[${i}]: ${sentenceOf(withoutUrl(problem))}`);
    }),
  );
}

/** Fields of integrations that often come from a Secret. Their problems repeat the value. */
const URL_FIELDS = ["url", "api_url", "webhook_url"];

/** Returns a problem without the value of a URL, which everyone could read in the state of the object and in the log. */
function withoutUrl({ message, hint }: Problem): Pick<Problem, "message" | "hint"> {
  const field = URL_FIELDS.find((name) => message.startsWith(`field ${name}: `));
  if (field === undefined) return { message, hint };
  return { message: `field ${field} is no valid URL; its value is not shown, because it may come from a Secret`, hint };
}

const CREDENTIALS_HINT =
  "credentials of global are not used for an integration with its own address, TLS or HTTP settings";

const sentenceOf = ({ message, hint }: Pick<Problem, "message" | "hint">): string =>
  hint === "" ? message : `${message} (${hint})`;

/** Settings by which an integration sends to another address, or lets another machine read what is sent. */
const OWN_ADDRESS = ["api_url", "url", "webhook_url", "smarthost", "http_config", "tls_config"];

/**
 * Reports whether an integration of an object sends to an address that the object names. If credentials of `global`
 * were sent there, everyone who may write such objects could read them.
 */
function hasOwnAddress(receiver: JsonValue, { kind, index }: ConfiguredIntegration): boolean {
  const lists = receiver as Readonly<Record<string, readonly Readonly<Record<string, JsonValue>>[]>>;
  const settings = lists[kind.key]![index]!;
  return OWN_ADDRESS.some((key) => Object.hasOwn(settings, key));
}

/** Returns the names. Adds a problem for each name that occurs twice, in the object or in object and file. */
function uniqueNames(
  what: string,
  named: readonly { readonly name: string }[],
  taken: ReadonlySet<string>,
  problems: string[],
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name } of named) {
    if (names.has(name)) problems.push(`${what} ${JSON.stringify(name)} is not unique`);
    if (taken.has(name)) problems.push(`${what} ${JSON.stringify(name)} already exists in the configuration file`);
    names.add(name);
  }
  return names;
}
