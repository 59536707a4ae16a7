import { findSource, hasFeature, type SourceFeature, type SourceListing } from "@narthex/dashboards";
import { withAcknowledgements } from "../../../api/alertmanager.ts";
import type { Acknowledgement, ManagedAlert } from "../../../api/alertmanager.ts";
import { call, fetchJson } from "../../../api/request.ts";
import type { AlertingRule, RuleGroup } from "../../../api/rule-data.ts";
import { formatMatchers } from "../../../alertmanager/matcher-filter.ts";
import { humanizeDuration } from "../../../format/duration.ts";
import { parseApiTime } from "../../../format/instant.ts";
import type { LabelSet } from "../../../format/series-name.ts";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import { proxyUrl } from "../../data/source-proxy.ts";

/** States of alerts and rules, the most urgent first. */
export const listedStates = ["firing", "error", "recovering", "pending", "inactive"] as const;
export type ListedState = (typeof listedStates)[number];

export interface ListedAlert {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly state: ListedState;
  /** Time at which the alert became active, epoch ms; null if unknown. */
  readonly activeAt: number | null;
  /** The person who works on the alert. Only the Alertmanager of Narthex knows this. */
  readonly acknowledgement?: Acknowledgement;
}

/** A rule with its alerts. For an Alertmanager, which has no rules, it contains the alerts with the same name. */
export interface ListedRule {
  readonly key: string;
  readonly name: string;
  /** Name of the data source from which the rule comes. */
  readonly sourceName: string;
  /** Link to the rule on the pages of its data source. */
  readonly href: string;
  readonly state: ListedState;
  readonly annotations: LabelSet;
  readonly error: string;
  readonly alerts: readonly ListedAlert[];
  /** The rule's `for`, ms. 0 for an Alertmanager, which has only firing alerts. */
  readonly durationMs: number;
  /** Whether the server has not evaluated the rule yet, so that its alerts are not known. */
  readonly isUnknown: boolean;
}

/** The rules of one data source. */
interface SourceRules {
  readonly uid: string;
  readonly name: string;
  /** The last list that was loaded; undefined if none was. */
  readonly list: readonly ListedRule[] | undefined;
  /** Time of the refresh that loaded the list, epoch ms. */
  readonly loadedAt: number;
  /** Why the list was not loaded at the last refresh; undefined if it was. */
  readonly error: string | undefined;
}

export interface FetchedRules {
  /** Time of the refresh, epoch ms. */
  readonly at: number;
  readonly sources: readonly SourceRules[];
}

/**
 * Returns the named data source, or all Prometheus servers if the name is empty.
 * @throws {Error} with a readable message if the named data source, or any Prometheus server, does not exist
 */
export function alertSources(named: string, sources: readonly SourceListing[]): readonly SourceListing[] {
  if (named === "") {
    const all = sources.filter((source) => hasFeature(source, "rules"));
    if (all.length === 0)
      throw new Error("There is no data source of the type Prometheus whose alerts could be listed.");
    return all;
  }
  const source = findSource({ uid: named }, sources, () => undefined);
  if (source === undefined) throw new Error(`There is no data source "${named}".`);
  if (readerOf(source) === undefined)
    throw new Error(`The data source "${source.name}" has no alerts. Choose a Prometheus or an Alertmanager.`);
  return [source];
}

type Reader = (source: SourceListing, signal: AbortSignal) => Promise<readonly ListedRule[]>;

const readers: Readonly<Partial<Record<SourceFeature, Reader>>> = {
  rules: async (source, signal) => {
    const { data } = await call<{ readonly groups: readonly RuleGroup<AlertingRule>[] }>(
      `${proxyUrl(source.uid)}/api/v1/rules`,
      { params: { type: "alert" }, signal },
    );
    return evaluatedRules(source, data.groups);
  },
  alerts: async (source, signal) => {
    const url = `${proxyUrl(source.uid)}/api/v2/alerts`;
    return managedRules(
      source,
      await fetchJson<readonly ManagedAlert[]>(url, { params: withAcknowledgements, signal }),
    );
  },
};

/** Returns the function that lists the rules or alerts of a data source; undefined if the source has neither. */
const readerOf = ({ kind }: SourceListing): Reader | undefined =>
  kind.features.map((feature) => readers[feature]).find((reader) => reader !== undefined);

/**
 * Returns the rules of all data sources. If one data source fails, its rules are those of the refresh before.
 * @param at time of the refresh, epoch ms
 */
export async function fetchListedRules(
  sources: readonly SourceListing[],
  {
    at,
    before,
    signal,
  }: { readonly at: number; readonly before: FetchedRules | undefined; readonly signal: AbortSignal },
): Promise<FetchedRules> {
  const settled = await Promise.allSettled(sources.map((source) => readerOf(source)!(source, signal)));
  signal.throwIfAborted();
  return {
    at,
    sources: sources.map(({ uid, name }, index): SourceRules => {
      const answer = settled[index]!;
      if (answer.status === "fulfilled") return { uid, name, list: answer.value, loadedAt: at, error: undefined };
      const kept = before?.sources.find((one) => one.uid === uid);
      return { uid, name, list: kept?.list, loadedAt: kept?.loadedAt ?? at, error: errorSentence(answer.reason) };
    }),
  };
}

/** Describes the failures of data sources, with the age of the lists that are shown instead. */
export const failuresOf = ({ at, sources }: FetchedRules): readonly string[] =>
  sources.flatMap(({ name, list, loadedAt, error }) => {
    if (error === undefined) return [];
    const age = list === undefined ? "" : ` (this list is ${humanizeDuration(Math.max(1000, at - loadedAt))} old)`;
    return [`${name}: ${error}${age}`];
  });

const pagesOf = ({ uid }: SourceListing): string => `/sources/${encodeURIComponent(uid)}/alerts`;

const stateOf = (alerts: readonly ListedAlert[]): ListedState =>
  listedStates.find((state) => alerts.some((alert) => alert.state === state)) ?? "inactive";

export function evaluatedRules(
  source: SourceListing,
  groups: readonly RuleGroup<AlertingRule>[],
): readonly ListedRule[] {
  return groups.flatMap(({ name: group, file, rules }) =>
    rules.map((rule, at): ListedRule => {
      const alerts = (rule.alerts ?? []).map(
        ({ labels, annotations, state, activeAt, keepFiringSince }): ListedAlert => ({
          labels,
          annotations,
          state: state === "pending" ? state : parseApiTime(keepFiringSince) === null ? "firing" : "recovering",
          activeAt: parseApiTime(activeAt),
        }),
      );
      const state = stateOf(alerts);
      return {
        key: JSON.stringify([source.uid, file, group, at]),
        name: rule.name,
        sourceName: source.name,
        href: `${pagesOf(source)}?${new URLSearchParams({ search: rule.name })}`,
        state: rule.health === "err" && state !== "firing" ? "error" : state,
        annotations: rule.annotations ?? {},
        error: rule.health === "err" ? (rule.lastError ?? "The rule could not be evaluated.") : "",
        alerts,
        durationMs: rule.duration * 1000,
        isUnknown: rule.health === "unknown",
      };
    }),
  );
}

/** Returns a rule for each alert name of an Alertmanager, with the alerts that have this name. */
export function managedRules(source: SourceListing, alerts: readonly ManagedAlert[]): readonly ListedRule[] {
  const byName = new Map<string, ListedAlert[]>();
  for (const { labels, annotations, startsAt, acknowledgement } of alerts) {
    const name = labels["alertname"] ?? "";
    const listed: ListedAlert = {
      labels,
      annotations,
      state: "firing",
      activeAt: parseApiTime(startsAt),
      ...(acknowledgement === undefined ? {} : { acknowledgement }),
    };
    const others = byName.get(name);
    if (others === undefined) byName.set(name, [listed]);
    else others.push(listed);
  }
  return [...byName].map(([name, listed]) => {
    const filter = formatMatchers([{ name: "alertname", operator: "=", value: name }]);
    return {
      key: JSON.stringify([source.uid, name]),
      name: name === "" ? "(no name)" : name,
      sourceName: source.name,
      href: `${pagesOf(source)}?${new URLSearchParams({ silenced: "true", inhibited: "true", muted: "true", filter })}`,
      state: "firing",
      annotations: {},
      error: "",
      alerts: listed,
      durationMs: 0,
      isUnknown: false,
    };
  });
}
