import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  access,
  ApiError,
  formValues,
  invalidParameter,
  MAX_TIME_MS,
  MIN_TIME_MS,
  sendSuccess,
  timeParameter,
  useEnvelope,
} from "@narthex/http";
import type { Matcher } from "@narthex/model";
import { parseSelectors } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import type { Tsdb } from "@narthex/tsdb";
import type { FastifyInstance, FastifyReply } from "fastify";

export interface AdminSources {
  readonly ready: () => boolean;
  readonly storage: { readonly tsdb: Pick<Tsdb, "deleteSeries" | "cleanTombstones" | "snapshot"> };
  /** The data folder, in which snapshots are stored. */
  readonly folder: string;
  readonly clock: Clock;
}

export function adminRoutes(app: FastifyInstance, sources: AdminSources): void {
  const { storage } = sources;
  const route = (name: string, handle: (values: URLSearchParams, reply: FastifyReply) => Promise<FastifyReply>): void =>
    void app.route({
      ...access("admin"),
      method: ["POST", "PUT"],
      url: `/admin/tsdb/${name}`,
      handler: async (request, reply) => {
        if (!sources.ready()) throw new ApiError("unavailable", "TSDB not ready");
        return handle(formValues(request), reply);
      },
    });
  useEnvelope(app);
  route("delete_series", async (values, reply) => {
    if (!values.has("match[]")) throw new ApiError("bad_data", "no match[] parameter provided");
    const start = timeParameter(values, "start", MIN_TIME_MS);
    const end = timeParameter(values, "end", MAX_TIME_MS);
    for (const matchers of selectorsOf(values)) await storage.tsdb.deleteSeries(matchers, start, end);
    return reply.code(204).send();
  });
  route("clean_tombstones", async (_values, reply) => {
    await storage.tsdb.cleanTombstones();
    return reply.code(204).send();
  });
  route("snapshot", async (values, reply) => {
    const skipHead = booleanOf(values.get("skip_head") ?? "");
    const name = `${compactTime(sources.clock.now())}-${randomBytes(8).toString("hex")}`;
    await storage.tsdb.snapshot(join(sources.folder, "snapshots", name), !skipHead);
    return sendSuccess(reply, { data: { name } });
  });
}

function selectorsOf(values: URLSearchParams): readonly (readonly Matcher[])[] {
  const parsed = parseSelectors(values.getAll("match[]"));
  if (!parsed.ok) throw invalidParameter("match[]", parsed.errors[0].toString());
  return parsed.selectors;
}

/** Formats a time as `20260101T000000Z`. */
const compactTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, "").replace(/[-:]/g, "");

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** Parses a boolean as Go does. An empty text is false. */
function booleanOf(text: string): boolean {
  if (TRUE.has(text)) return true;
  if (text === "" || FALSE.has(text)) return false;
  throw invalidParameter(
    "skip_head",
    `unable to parse boolean: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}
