import type { Random } from "../../../support/random.ts";
import { times } from "./request-values.ts";
import {
  BOOLEANS,
  DURATIONS,
  EXPRESSIONS,
  HEADERS,
  LABEL_NAMES,
  LIMITS,
  SELECTORS,
  STATES,
  TIMEOUTS,
  WORDS,
} from "./request-values.ts";

/** An HTTP request as it is sent, with its encoded path and body. */
export interface DrawnRequest {
  readonly method: string;
  /** The path with its query string, which may be malformed. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** A field (name and value) of a query string or of a form, before the test encodes it. */
type Field = readonly [name: string, value: string];

/** An endpoint of the API, with functions that generate values of its fields: valid and unusual ones. */
interface Endpoint {
  readonly path: (random: Random) => string;
  /** Fields that most requests contain. */
  readonly needed: Readonly<Record<string, Draw>>;
  readonly optional: Readonly<Record<string, Draw>>;
  readonly methods: readonly string[];
}

type Draw = (random: Random) => string;

const of =
  (values: readonly string[]): Draw =>
  (random) =>
    random.pick(values);

const READ = ["GET", "POST"];

/** Generates random requests to all API endpoints that only read data. The requests are valid, unusual or malformed. */
export class RequestGenerator {
  readonly #random: Random;
  readonly #endpoints: readonly (readonly [weight: number, endpoint: Endpoint])[];

  /**
   * @param start start of the stored data, Unix seconds
   * @param end end of the stored data, Unix seconds
   */
  constructor(random: Random, start: number, end: number) {
    this.#random = random;
    this.#endpoints = endpointsOver(of(times(start, end)));
  }

  next(): DrawnRequest {
    const random = this.#random;
    const endpoint = random.weighted(this.#endpoints);
    const path = pathLike(random, endpoint.path(random));
    const method = random.chance(90)
      ? random.pick(endpoint.methods)
      : random.pick(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
    const fields = this.#fields(endpoint);
    const headers: Record<string, string> = {};
    for (const [name, values] of HEADERS) if (random.chance(12)) headers[name] = random.pick(values);
    if (method !== "POST" || random.chance(20))
      return { method, path: withQuery(path, encoded(random, fields)), headers, body: undefined };
    const split = random.chance(30) ? random.below(fields.length + 1) : 0;
    const [inUrl, inBody] = [fields.slice(0, split), fields.slice(split)];
    const { type, body } = formOf(random, inBody);
    return {
      method,
      path: withQuery(path, encoded(random, inUrl)),
      headers: type === undefined ? headers : { ...headers, "content-type": type },
      body: Buffer.from(body),
    };
  }

  #fields({ needed, optional }: Endpoint): Field[] {
    const random = this.#random;
    const fields: Field[] = [];
    const add = (name: string, draw: Draw): void => {
      const count = name.endsWith("[]") && random.chance(30) ? 2 + random.below(2) : 1;
      for (let i = 0; i < count; i++) fields.push([name, draw(random)]);
    };
    for (const [name, draw] of Object.entries(needed)) if (random.chance(95)) add(name, draw);
    for (const [name, draw] of Object.entries(optional)) if (random.chance(30)) add(name, draw);
    if (random.chance(5)) fields.push([random.pick(WORDS), random.pick(WORDS)]);
    if (random.chance(5) && fields.length > 0) fields.push([random.pick(fields)[0], random.pick(WORDS)]);
    return random.chance(20) ? fields.toReversed() : fields;
  }
}

function endpointsOver(time: Draw): readonly (readonly [number, Endpoint])[] {
  const duration = of(DURATIONS);
  const limit = of(LIMITS);
  const selector = of(SELECTORS);
  const expression = of(EXPRESSIONS);
  const word = of(WORDS);
  const shared = { timeout: of(TIMEOUTS), limit, lookback_delta: duration, stats: of(["", "true", "all", "1", "x"]) };
  const at = (path: string, needed: Endpoint["needed"], optional: Endpoint["optional"], methods = READ): Endpoint => ({
    path: () => `api/v1/${path}`,
    needed,
    optional,
    methods,
  });
  const get = ["GET"];
  return [
    [16, at("query", { query: expression, time }, shared)],
    [16, at("query_range", { query: expression, start: time, end: time, step: duration }, shared)],
    [6, at("query_exemplars", { query: expression, start: time, end: time }, {})],
    [5, at("format_query", { query: expression }, {})],
    [5, at("parse_query", { query: expression }, {})],
    [8, at("labels", {}, { "match[]": selector, start: time, end: time, limit })],
    [
      10,
      {
        path: (random) => `api/v1/label/${random.pick(LABEL_NAMES)}/values`,
        needed: {},
        optional: { "match[]": selector, start: time, end: time, limit },
        methods: get,
      },
    ],
    [10, at("series", { "match[]": selector }, { start: time, end: time, limit })],
    [3, at("metadata", {}, { metric: word, limit, limit_per_metric: limit }, get)],
    [4, at("targets", {}, { state: of(STATES), scrapePool: word }, get)],
    [2, at("targets/metadata", {}, { match_target: selector, metric: word, limit }, get)],
    [2, at("scrape_pools", {}, {}, get)],
    [
      8,
      at(
        "rules",
        {},
        {
          type: of(["alert", "record", "", "foo"]),
          "rule_name[]": of(["Cold", "job:requests:sum", "nope", ""]),
          "rule_group[]": of(["one", "two", "nope", ""]),
          "file[]": of(["nope.yml", ""]),
          "match[]": selector,
          exclude_alerts: of(BOOLEANS),
          group_limit: limit,
          group_next_token: of(["", "x", "00"]),
        },
        get,
      ),
    ],
    [2, at("alerts", {}, {}, get)],
    [1, at("alertmanagers", {}, {}, get)],
    [2, at("status/config", {}, {}, get)],
    [2, at("status/tsdb", {}, { limit }, get)],
    [1, at("status/walreplay", {}, {}, get)],
    [1, at("notifications", {}, {}, get)],
    [2, at("write", {}, {}, ["POST", "GET"])],
    [
      3,
      { path: adminPath, needed: { "match[]": selector }, optional: { start: time }, methods: ["POST", "PUT", "GET"] },
    ],
    [5, { path: () => "federate", needed: { "match[]": selector }, optional: {}, methods: get }],
    [3, { path: (random) => random.pick(OTHERS), needed: {}, optional: { a: word }, methods: READ }],
  ];
}

const adminPath = (random: Random): string =>
  `api/v1/admin/tsdb/${random.pick(["delete_series", "clean_tombstones", "snapshot", "nope"])}`;

/** Paths outside of /api/v1/, and paths that do not exist. */
const OTHERS = [
  ["-/healthy", "-/ready", "-/reload", "-/quit", "-/nope", "nope", "api", "api/", "api/v1", "api/v1/", "api/v2/query"],
  ["graph", "consoles/", "consoles/nope.html", "user/x", "debug/nope", "label//values", "api/v1/label", "classic"],
  ["api/v1/labels/", "api/v1/query/", "api/v1/label/a/values/", "api/v1/label//values", "API/v1/labels"],
].flat();

/** Returns a URL path: usually unchanged, sometimes in an equivalent or invalid form. */
function pathLike(random: Random, path: string): string {
  if (!random.chance(4)) return `/${path}`;
  return random.pick([`//${path}`, `/./${path}`, `/x/../${path}`, `/${path}/`, `/${path.replace("v1", "v%31")}`]);
}

const withQuery = (path: string, query: string): string => (query === "" ? path : `${path}?${query}`);

/** Encodes fields as a query string or a form: fully escaped, minimally, or wrongly. */
function encoded(random: Random, fields: readonly Field[]): string {
  const style = random.weighted([
    [6, "plus"],
    [4, "percent"],
    [2, "least"],
    [1, "malformed"],
  ] as const);
  const parts = fields.map(([name, value]) => `${escaped(style, name)}=${escaped(style, value)}`);
  if (style === "malformed")
    parts.splice(random.below(parts.length + 1), 0, random.pick(["%zz=1", "a=%", "b;c=1", "&&", "d"]));
  return parts.join("&");
}

function escaped(style: "plus" | "percent" | "least" | "malformed", text: string): string {
  if (style === "plus") return new URLSearchParams([["", text]]).toString().slice(1);
  if (style === "percent") return encodeURIComponent(text).replaceAll("'", "%27");
  // Only characters that are invalid in a request line are encoded.
  return text.replace(/[^\x21-\x24\x27-\x2a\x2c-\x3a\x3c-\x7e]/gu, encodeURIComponent);
}

function formOf(
  random: Random,
  fields: readonly Field[],
): { readonly type: string | undefined; readonly body: string } {
  const body = encoded(random, fields);
  const form = "application/x-www-form-urlencoded";
  return random.weighted<{ type: string | undefined; body: string }>([
    [12, { type: form, body }],
    [2, { type: `${form}; charset=utf-8`, body }],
    [2, { type: "multipart/form-data; boundary=----------------------------a1b2c3", body: multipart(fields) }],
    [
      1,
      {
        type: "multipart/form-data; boundary=----------------------------a1b2c3",
        body: multipart(fields).slice(0, -8),
      },
    ],
    [1, { type: "application/json", body: JSON.stringify(Object.fromEntries(fields)) }],
    [1, { type: "text/plain", body }],
    [1, { type: undefined, body }],
    [1, { type: "x", body }],
    [1, { type: "multipart/form-data", body }],
  ]);
}

const multipart = (fields: readonly Field[]): string =>
  `${fields
    .map(
      ([name, value]) =>
        `------------------------------a1b2c3\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    .join("")}------------------------------a1b2c3--\r\n`;
