import type { SourceFeature } from "@narthex/dashboards";
import { dataSourceKind, WIDEST_LANGUAGE } from "@narthex/datasources";
import type { ReadLimit } from "@narthex/http";
import { Labels, matchesAll, type Matcher } from "@narthex/model";
import { restrictQuery, restrictSelectorTexts } from "@narthex/promql/syntax";
import { refusal } from "../web/refusal.ts";
import { isObject } from "../web/request-body.ts";

/** A client's request to the proxy of a data source. */
export interface ProxiedRequest {
  readonly method: string;
  /** Path below the URL of the source, without a leading slash. */
  readonly path: string;
  readonly search: URLSearchParams;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** The request to a data source's server, for a sender who may read only some series. */
export interface LimitedRequest {
  readonly search: URLSearchParams;
  /** Form data that is sent in the body of a POST request; undefined for none. */
  readonly form: string | undefined;
  /**
   * Removes the series that the sender may not read from the response. Undefined if the data source's server already
   * returns only allowed series.
   */
  readonly filter?: (answer: unknown) => unknown;
}

type Limiter = (request: ProxiedRequest, matchers: readonly Matcher[]) => LimitedRequest;

/**
 * Parameters that do not select series. All other parameters of a limited sender are removed, because they might select
 * series that the sender may not read.
 */
const KEPT: readonly string[] = ["time", "start", "end", "step", "timeout", "limit", "lookback_delta", "stats"];

type Limiters = readonly (readonly [methods: string, path: RegExp, limiter: Limiter])[];

/**
 * Functions that limit requests, by the features of a kind of data source, then by method and path. Requests without a
 * function are refused.
 */
const LIMITERS: Readonly<Partial<Record<SourceFeature, Limiters>>> = {
  metrics: [
    ["GET POST", /^api\/v1\/(?:query|query_range|query_exemplars)$/, limitQuery],
    ["GET POST", /^api\/v1\/(?:series|labels)$/, limitSelectors],
    ["GET", /^api\/v1\/label\/[^/]+\/values$/, limitSelectors],
    ["GET POST", /^api\/v1\/(?:format_query|parse_query)$/, passQuery],
    ["GET", /^api\/v1\/rules$/, (request, matchers) => ({ ...asSent(request), filter: ruleFilter(matchers) })],
    ["GET", /^api\/v1\/alerts$/, (request, matchers) => ({ ...asSent(request), filter: alertFilter(matchers) })],
    ["GET", /^api\/v1\/status\/buildinfo$/, asSent],
  ],
  alerts: [["GET", /^api\/v2\/alerts(?:\/groups)?$/, filterAlerts]],
};

/**
 * Returns the request to send for a sender who may read only some series. Throws a refusal for requests that cannot be
 * limited.
 */
export function limitedRequest(type: string, request: ProxiedRequest, limit: ReadLimit): LimitedRequest {
  if (limit.kind === "nothing") throw refusal(403, `You may read nothing: ${limit.reason}`);
  const features = dataSourceKind(type)?.features ?? [];
  const limiters = features.flatMap((feature) => LIMITERS[feature] ?? []);
  const found = limiters.find(
    ([methods, path]) => methods.split(" ").includes(request.method) && path.test(request.path),
  );
  if (found === undefined)
    throw refusal(403, "Your teams or your token limit which series you may read, and this request cannot be limited");
  return found[2](request, limit.matchers);
}

/** Returns the parameters of a request: those in its form body, then those in its URL. */
function parametersOf({ method, search, contentType = "", body }: ProxiedRequest): URLSearchParams {
  if (method === "GET" || body === "") return search;
  if (!/^application\/x-www-form-urlencoded(?:;|$)/i.test(contentType))
    throw refusal(403, "Your teams or your token limit which series you may read: send the parameters as a form");
  return new URLSearchParams([...new URLSearchParams(body), ...search]);
}

function sent({ method }: ProxiedRequest, parameters: URLSearchParams): LimitedRequest {
  return method === "GET"
    ? { search: parameters, form: undefined }
    : { search: new URLSearchParams(), form: parameters.toString() };
}

function keptOf(parameters: URLSearchParams): URLSearchParams {
  const kept = new URLSearchParams();
  for (const name of KEPT) {
    const value = parameters.get(name);
    if (value !== null) kept.set(name, value);
  }
  return kept;
}

function asSent({ search }: ProxiedRequest): LimitedRequest {
  return { search, form: undefined };
}

function limitQuery(request: ProxiedRequest, matchers: readonly Matcher[]): LimitedRequest {
  const parameters = parametersOf(request);
  const query = restrictQuery(parameters.get("query") ?? "", matchers, WIDEST_LANGUAGE);
  if (!query.ok) throw refusal(400, `invalid parameter "query": ${query.error.toString()}`);
  const kept = keptOf(parameters);
  kept.set("query", query.text);
  return sent(request, kept);
}

function passQuery(request: ProxiedRequest): LimitedRequest {
  return sent(request, new URLSearchParams({ query: parametersOf(request).get("query") ?? "" }));
}

function limitSelectors(request: ProxiedRequest, matchers: readonly Matcher[]): LimitedRequest {
  const parameters = parametersOf(request);
  const match = restrictSelectorTexts(parameters.getAll("match[]"), matchers);
  if (!match.ok) throw refusal(400, `invalid parameter "match[]": ${match.error.toString()}`);
  const kept = keptOf(parameters);
  for (const text of match.texts) kept.append("match[]", text);
  return sent(request, kept);
}

function filterAlerts({ search }: ProxiedRequest, matchers: readonly Matcher[]): LimitedRequest {
  const limited = new URLSearchParams(search);
  for (const matcher of matchers) limited.append("filter", String(matcher));
  return { search: limited, form: undefined };
}

/** Reports whether the matchers accept the labels of a rule or an alert in a response. */
function isOwn(item: unknown, matchers: readonly Matcher[]): boolean {
  const labels = isObject(item) && isObject(item["labels"]) ? item["labels"] : {};
  const texts = Object.entries(labels).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return matchesAll(matchers, Labels.of(Object.fromEntries(texts)));
}

const listIn = (value: unknown, key: string): readonly unknown[] => {
  const list = isObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? (list as readonly unknown[]) : [];
};

const alertFilter =
  (matchers: readonly Matcher[]) =>
  (answer: unknown): unknown => {
    const data = isObject(answer) ? answer["data"] : undefined;
    return { status: "success", data: { alerts: listIn(data, "alerts").filter((alert) => isOwn(alert, matchers)) } };
  };

/** Returns a function that removes from a response the rules and alerts whose labels the matchers do not accept. */
const ruleFilter =
  (matchers: readonly Matcher[]) =>
  (answer: unknown): unknown => {
    const data = isObject(answer) ? answer["data"] : undefined;
    const groups = listIn(data, "groups").flatMap((group) => {
      const rules = listIn(group, "rules").flatMap((rule) => {
        const alerts = listIn(rule, "alerts").filter((alert) => isOwn(alert, matchers));
        if (!isObject(rule) || (alerts.length === 0 && !isOwn(rule, matchers))) return [];
        return [Array.isArray(rule["alerts"]) ? { ...rule, alerts } : rule];
      });
      return isObject(group) && rules.length > 0 ? [{ ...group, rules }] : [];
    });
    const token = isObject(data) ? data["groupNextToken"] : undefined;
    return { status: "success", data: { groups, ...(token !== undefined && { groupNextToken: token }) } };
  };
