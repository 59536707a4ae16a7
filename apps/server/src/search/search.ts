import { access, ApiError, wholeForm } from "@narthex/http";
import { METRIC_NAME } from "@narthex/model";
import type { SearchListing, StreamedResponse } from "@narthex/querying";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../context.ts";
import { apiErrorOf, clientGone, type ClientOptions } from "../querying/answer-streams.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import { limitedSelectors } from "../querying/read-limit.ts";
import { requesterOf } from "../querying/request-origin.ts";
import type { ScrapingFeature } from "../scraping/scraping.ts";
import type { ServerFeature } from "../server-feature.ts";
import { describedLines } from "./described-lines.ts";
import { booleanOf, searchOf } from "./search-parameters.ts";

interface Uses {
  readonly querying: Pick<QueryingFeature, "lanes" | "streams">;
  readonly scraping: Pick<ScrapingFeature, "manager">;
}

const CONTENT_TYPE = "application/x-ndjson; charset=utf-8";

/** For each endpoint, the label whose values are searched, and the name of the field that contains a result. */
const ENDPOINTS = {
  metric_names: { label: METRIC_NAME, field: "name" },
  label_names: { label: undefined, field: "name" },
  label_values: { label: "label", field: "value" },
} as const;

/**
 * Serves `/search/metric_names`, `/search/label_names` and `/search/label_values`, which return names and values that
 * are similar to a text.
 */
export function openSearch(context: Context, uses: Uses): ServerFeature {
  const isOn = context.featureFlags.has("search-api");
  return {
    name: "search",
    stop: () => undefined,
    routes: {
      apiWhenReady(app: FastifyInstance) {
        for (const endpoint of Object.keys(ENDPOINTS) as (keyof typeof ENDPOINTS)[]) {
          app.route({
            ...access("read", { scope: "query", series: "limited" }),
            method: ["GET", "POST"],
            url: `/search/${endpoint}`,
            handler: (request, reply) => {
              if (!isOn) throw new ApiError("unavailable", "search API disabled");
              return search(context, uses, endpoint, request, reply);
            },
          });
        }
      },
    },
    features: { api: { search: isOn, search_fuzz_alg_jarowinkler: isOn, search_fuzz_alg_subsequence: isOn } },
  };
}

async function search(
  { clock, flags }: Context,
  { querying, scraping }: Uses,
  endpoint: keyof typeof ENDPOINTS,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const values = wholeForm(request);
  const found = searchOf(values, endpoint, { now: clock.now(), maxLimit: flags["web.search.max-limit"] });
  const { field } = ENDPOINTS[endpoint];
  const label = endpoint === "label_values" ? (values.get("label") ?? "") : ENDPOINTS[endpoint].label;
  if (label === "") throw new ApiError("bad_data", 'missing required parameter "label"');
  const unreadable = (problem: string): ApiError => new ApiError("bad_data", problem);
  const match = limitedSelectors(request, found.match, unreadable);
  const listing: SearchListing = { kind: "search", ...found, match, label, field };
  const send = async (client: ClientOptions): Promise<StreamedResponse> => {
    try {
      return await querying.lanes.listings.list({ listing, ...requesterOf(request), ...client });
    } catch (error) {
      throw apiErrorOf(error, unreadable);
    }
  };
  if (endpoint !== "metric_names" || !booleanOf(values, "include_metadata", false))
    return querying.streams.send(request, reply, send, { contentType: CONTENT_TYPE, tail: () => "" });
  const answer = await send({ signal: clientGone(reply), gzip: false });
  reply.raw.once("close", () => answer.release());
  return reply
    .header("content-type", CONTENT_TYPE)
    .send(await describedLines(await textOf(answer), scraping.manager.views, clock));
}

async function textOf({ first, rest, end }: StreamedResponse): Promise<string> {
  const pieces: Uint8Array[] = [first];
  if (rest !== undefined) for await (const piece of rest) pieces.push(piece);
  pieces.push(end(""));
  return Buffer.concat(pieces).toString("utf8");
}
