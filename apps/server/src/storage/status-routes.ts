import { access, ApiError, formValues, goJson, sendJson, sendSuccess } from "@narthex/http";
import type { Tsdb } from "@narthex/tsdb";
import type { FastifyInstance } from "fastify";

const MAX_LIMIT = 10_000;

export function storageStatusRoutes(
  app: FastifyInstance,
  storage: { readonly tsdb: Pick<Tsdb, "blocks" | "damagedBlocks" | "stats"> },
): void {
  app.get("/status/tsdb/blocks", access("read"), async (_request, reply) => {
    const blocks = storage.tsdb.blocks();
    const damaged = storage.tsdb.damagedBlocks();
    return sendSuccess(reply, { data: damaged.length === 0 ? { blocks } : { blocks, damaged } });
  });
  app.get("/status/tsdb", access("read"), async (request, reply) => {
    const text = formValues(request).get("limit") ?? "";
    const limit = text === "" ? 10 : Number(text);
    if ((text !== "" && !/^[+-]?\d+$/.test(text)) || limit < 1)
      throw new ApiError("bad_data", "limit must be a positive number");
    if (limit > MAX_LIMIT) throw new ApiError("bad_data", `limit must not exceed ${MAX_LIMIT}`);
    return sendJson(reply, `{"status":"success","data":${statsJson(await storage.tsdb.stats(limit))}}`);
  });
}

/**
 * Returns the statistics as JSON. For an empty head the times are the limits of int64, which a JavaScript number cannot
 * represent.
 */
const statsJson = (stats: Awaited<ReturnType<Tsdb["stats"]>>): string =>
  goJson(stats)
    .replace('"minTime":null', '"minTime":9223372036854775807')
    .replace('"maxTime":null', '"maxTime":-9223372036854775808');

/** Serves `/status/walreplay`, the progress of replaying the write-ahead log. */
export function replayRoute(
  app: FastifyInstance,
  progress: { readonly min: number; readonly max: number; readonly current: number },
): void {
  app.get("/status/walreplay", access("read", { series: "none" }), async (_request, reply) =>
    sendSuccess(reply, { data: progress }),
  );
}
