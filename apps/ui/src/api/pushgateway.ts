import { queryOptions } from "@tanstack/react-query";
import type { LabelSet } from "../format/series-name.ts";
import { call, send } from "./request.ts";
import { apiPath } from "./root-path.ts";

/**
 * A metric of a pushed family: a plain value, or the quantiles or buckets of a summary or histogram. Numbers are
 * strings.
 */
export interface PushedMetric {
  readonly labels: LabelSet;
  readonly value?: string;
  readonly count?: string;
  readonly sum?: string;
  readonly quantiles?: Readonly<Record<string, string>>;
  /** Classic buckets by upper bound, or native buckets as lists of boundary rule, bounds and count. */
  readonly buckets?: Readonly<Record<string, string>> | ReadonlyArray<readonly (string | number)[]>;
}

/** The metrics of a group that have the same name. */
export interface PushedFamily {
  readonly time_stamp: string;
  readonly type: string;
  readonly help?: string;
  readonly metrics: readonly PushedMetric[];
}

/** A group of pushed metrics as the API returns it: some fixed fields, and one field for each metric family. */
export type PushedGroup = {
  readonly labels: LabelSet;
  readonly last_push_successful: boolean;
} & Readonly<Record<string, unknown>>;

export interface PushgatewayStatus {
  readonly build_information: Readonly<Record<string, string>>;
  readonly flags: Readonly<Record<string, string>>;
  readonly start_time: string;
  readonly web_config_problem?: string;
}

/** Encodes text as URL-safe base64 of its UTF-8 bytes, with padding: the empty text becomes `=`. */
export function base64Segment(text: string): string {
  const binary = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_") || "=";
}

/**
 * Returns the URL path of a group below the prefix. Values are encoded as base64, because a plain path segment must not
 * be empty or contain a slash.
 */
export function groupPath(labels: LabelSet): string {
  const rest = Object.entries(labels).filter(([name]) => name !== "job");
  const pairs: Array<[string, string]> = [["job", labels["job"] ?? ""], ...rest];
  return `/metrics${pairs.map(([name, value]) => `/${name}@base64/${base64Segment(value)}`).join("")}`;
}

/** Functions that call the Pushgateway's API. */
export const pushgateway = {
  groups: (signal: AbortSignal) => call<PushedGroup[]>(`${apiPath}/api/v1/metrics`, { signal }),
  status: (signal: AbortSignal) => call<PushgatewayStatus>(`${apiPath}/api/v1/status`, { signal }),
  deleteGroup: (labels: LabelSet) => send(apiPath + groupPath(labels), { method: "DELETE" }),
  deleteAll: () => send(`${apiPath}/api/v1/admin/wipe`, { method: "PUT" }),
};

export const statusQuery = queryOptions({ queryKey: ["status"], queryFn: ({ signal }) => pushgateway.status(signal) });

/** Query cache key of the list of groups. */
export const groupsKey = ["groups"] as const;
