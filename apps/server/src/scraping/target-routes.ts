import { printScrapeConfig, type ScrapeConfig } from "@narthex/config";
import { discoverers } from "@narthex/discovery";
import {
  access,
  ApiError,
  formValues,
  invalidParameter,
  limitingMatchers,
  parseInt64,
  sendSuccess,
} from "@narthex/http";
import { Labels, matchesAll, type Matcher, quote } from "@narthex/model";
import { parseSelector } from "@narthex/promql";
import { relabelView, type ScrapeManager } from "@narthex/scrape";
import type { MetadataAnswer } from "@narthex/querying";
import type { FastifyInstance } from "fastify";
import type { Configuration } from "../configuration/configuration.ts";

type Targets = ReturnType<ScrapeManager["views"]["targets"]>;
type Metadata = ReturnType<ScrapeManager["views"]["metadata"]>;

interface Options {
  readonly scraping: ScrapeManager;
  readonly configuration: Configuration;
  /** Returns metadata from the long-term store. Undefined if no long-term store is configured. */
  readonly stored: (metric: string, limit: number | undefined) => Promise<MetadataAnswer> | undefined;
}

/**
 * Serves `/targets`, `/targets/metadata`, `/targets/relabel_steps`, `/metadata`, `/scrape_pools` and
 * `/scrape_pools/config`.
 */
export function targetRoutes(app: FastifyInstance, { scraping, configuration, stored }: Options): void {
  const { views } = scraping;
  app.get("/targets", access("read", { series: "limited" }), async (request, reply) => {
    const values = formValues(request);
    const data = views.targets(values.get("state") || "any", values.get("scrapePool") ?? "");
    return sendSuccess(reply, { data: limitedTargets(data, limitingMatchers(request)) });
  });
  app.get("/targets/metadata", access("read", { series: "limited" }), async (request, reply) => {
    const values = formValues(request);
    const limit = limitOf(values, "limit");
    const selector = values.get("match_target") ?? "";
    const matchers = [...limitingMatchers(request), ...(selector === "" ? [] : matchersOf(selector))];
    const rows = views.targetMetadata(matchers, values.get("metric") ?? "", limit);
    return sendSuccess(reply, { data: rows });
  });
  app.get("/metadata", access("read"), async (request, reply) => {
    const values = formValues(request);
    const limit = limitOf(values, "limit");
    const [metric, perMetric] = [values.get("metric") ?? "", limitOf(values, "limit_per_metric")];
    const here = views.metadata(metric, limit, perMetric);
    const isFull = limit >= 0 && Object.keys(here).length >= limit;
    const past = isFull ? undefined : stored(metric, limit < 0 ? undefined : limit);
    return sendSuccess(reply, past === undefined ? { data: here } : joined(here, await past, limit, perMetric));
  });
  app.get("/scrape_pools", access("read"), async (_request, reply) =>
    sendSuccess(reply, { data: { scrapePools: views.scrapePools() } }),
  );
  app.get("/scrape_pools/config", access("read"), async (request, reply) => {
    const job = poolOf(scraping, poolNameOf(formValues(request)));
    return sendSuccess(reply, { data: { yaml: printScrapeConfig(job, configuration.current.global, discoverers) } });
  });
  app.get("/targets/relabel_steps", access("read"), async (request, reply) => {
    const values = formValues(request);
    const pool = poolNameOf(values);
    const labels = labelsOf(values.get("labels") ?? "");
    const job = poolOf(scraping, pool);
    return sendSuccess(reply, { data: relabelView(labels, job, values.get("explain") === "true") });
  });
}

/**
 * Returns the targets with labels that the matchers accept. Dropped targets have only discovered labels, so they are
 * left out.
 */
function limitedTargets(targets: Targets, matchers: readonly Matcher[]): Targets {
  if (matchers.length === 0) return targets;
  const activeTargets = targets.activeTargets.filter(({ labels }) => matchesAll(matchers, Labels.of(labels)));
  return { activeTargets, droppedTargets: [], droppedTargetCounts: null };
}

/**
 * Merges local metadata with metadata of the long-term store, which is used for metrics without local metadata. A
 * negative `limit` and a `perMetric` below 1 mean no limit.
 */
function joined(
  here: Metadata,
  { metrics, warnings }: MetadataAnswer,
  limit: number,
  perMetric: number,
): { readonly data: Metadata; readonly warnings: readonly string[] } {
  const data: Record<string, Metadata[string]> = { ...here };
  let room = (limit < 0 ? Infinity : limit) - Object.keys(here).length;
  for (const [metric, rows] of metrics) {
    if (room <= 0) break;
    if (Object.hasOwn(data, metric)) continue;
    data[metric] = (perMetric > 0 ? rows.slice(0, perMetric) : rows) as Metadata[string];
    room--;
  }
  return { data, warnings };
}

function matchersOf(text: string): readonly Matcher[] {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw invalidParameter("match_target", parsed.errors[0].toString());
  return parsed.matchers;
}

/** Parses a 64-bit whole number as Go does. */
function limitOf(values: URLSearchParams, name: string): number {
  const text = values.get(name) ?? "";
  if (text === "") return -1;
  const number = parseInt64(text);
  if (typeof number === "string") throw new ApiError("bad_data", `${name} must be a number`);
  return number;
}

function poolNameOf(values: URLSearchParams): string {
  const name = values.get("scrapePool") ?? "";
  if (name === "") throw new ApiError("bad_data", "no scrapePool parameter provided");
  return name;
}

function poolOf(scraping: ScrapeManager, name: string): ScrapeConfig {
  const job = scraping.views.poolConfig(name);
  if (job !== undefined) return job;
  throw new ApiError("bad_data", `error retrieving scrape config: scrape pool ${quote(name)} not found`);
}

function labelsOf(text: string): Labels {
  if (text === "") throw new ApiError("bad_data", "no labels parameter provided");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badLabels(error instanceof Error ? error.message : String(error));
  }
  if (value === null) return Labels.EMPTY;
  if (typeof value !== "object" || Array.isArray(value)) throw badLabels("not an object of label names and values");
  for (const [name, one] of Object.entries(value)) {
    if (typeof one !== "string") throw badLabels(`the value of ${quote(name)} is not a string`);
  }
  return Labels.of(value as Record<string, string>);
}

const badLabels = (problem: string): ApiError => new ApiError("bad_data", `error parsing labels: ${problem}`);
