import { printScrapeConfig } from "@narthex/config";
import { ApiError, formValues, invalidParameter, sendSuccess } from "@narthex/http";
import { Labels, type Matcher, relabelSteps } from "@narthex/model";
import { parseSelector } from "@narthex/promql";
import type { ScrapeManager } from "@narthex/scrape";
import type { FastifyInstance } from "fastify";
import type { Configuration } from "../configuration.ts";

interface Options {
  readonly scraping: ScrapeManager;
  readonly configuration: Configuration;
}

/** `/targets`, `/targets/metadata`, `/targets/relabel_steps`, `/metadata`, `/scrape_pools` and `/scrape_pools/config`. */
export function targetRoutes(app: FastifyInstance, { scraping, configuration }: Options): void {
  const { views } = scraping;
  app.get("/targets", async (request, reply) => {
    const values = formValues(request);
    return sendSuccess(reply, { data: views.targets(values.get("state") || "any", values.get("scrapePool") ?? "") });
  });
  app.get("/targets/metadata", async (request, reply) => {
    const values = formValues(request);
    const limit = limitOf(values, "limit");
    const selector = values.get("match_target") ?? "";
    const rows = views.targetMetadata(selector === "" ? [] : matchersOf(selector), values.get("metric") ?? "", limit);
    return sendSuccess(reply, { data: rows });
  });
  app.get("/metadata", async (request, reply) => {
    const values = formValues(request);
    const limit = limitOf(values, "limit");
    return sendSuccess(reply, {
      data: views.metadata(values.get("metric") ?? "", limit, limitOf(values, "limit_per_metric")),
    });
  });
  app.get("/scrape_pools", async (_request, reply) =>
    sendSuccess(reply, { data: { scrapePools: views.scrapePools() } }),
  );
  app.get("/scrape_pools/config", async (request, reply) => {
    const job = poolOf(scraping, formValues(request));
    return sendSuccess(reply, { data: { yaml: printScrapeConfig(job, configuration.current.global) } });
  });
  app.get("/targets/relabel_steps", async (request, reply) => {
    const values = formValues(request);
    const job = poolOf(scraping, values);
    const steps = relabelSteps(
      labelsOf(values.get("labels") ?? ""),
      job.relabelConfigs,
      job.metricNameValidationScheme,
    );
    return sendSuccess(reply, {
      data: {
        steps: steps.map(({ rule, output, keep }) => ({ rule: ruleJson(rule), output: output.toRecord(), keep })),
      },
    });
  });
}

function matchersOf(text: string): readonly Matcher[] {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw invalidParameter("match_target", parsed.errors[0].toString());
  return parsed.matchers;
}

function limitOf(values: URLSearchParams, name: string): number {
  const text = values.get(name) ?? "";
  if (text === "") return -1;
  if (!/^[+-]?\d+$/.test(text)) throw new ApiError("bad_data", `${name} must be a number`);
  return Number(text);
}

function poolOf(
  scraping: ScrapeManager,
  values: URLSearchParams,
): NonNullable<ReturnType<ScrapeManager["views"]["poolConfig"]>> {
  const name = values.get("scrapePool") ?? "";
  if (name === "") throw new ApiError("bad_data", "no scrapePool parameter provided");
  const job = scraping.views.poolConfig(name);
  if (job === undefined) throw new ApiError("bad_data", `scrape pool "${name}" not found`);
  return job;
}

function labelsOf(text: string): Labels {
  if (text === "") throw new ApiError("bad_data", "no labels parameter provided");
  try {
    return Labels.of(JSON.parse(text) as Record<string, string>);
  } catch {
    throw new ApiError("bad_data", "error parsing labels: a JSON object of label names and values is expected");
  }
}

type Rule = ReturnType<typeof relabelSteps>[number]["rule"];

const ruleJson = (rule: Rule): Record<string, unknown> => ({
  source_labels: rule.sourceLabels,
  separator: rule.separator,
  regex: rule.regex.source,
  ...(rule.modulus === 0 ? {} : { modulus: rule.modulus }),
  ...(rule.targetLabel === "" ? {} : { target_label: rule.targetLabel }),
  replacement: rule.replacement,
  action: rule.action,
});
