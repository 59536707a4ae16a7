import type { Matcher } from "@narthex/model";
import type { FastifyInstance } from "fastify";
import { jsonBody, queryFlag, queryList, sendGoJson } from "./api-exchange.ts";
import type { ApiOptions } from "./api-options.ts";
import { ApiFault, HandlerError, required } from "./api-fault.ts";
import { parseApiTime, printApiTime } from "./api-time.ts";
import { parseMatcher } from "./matcher-syntax.ts";
import { MatcherError } from "./matcher-text.ts";
import { badBody } from "./posted-alerts.ts";
import {
  compileMatchers,
  fieldsOf,
  matcherKey,
  type MatcherFields,
  type Silence,
  SilenceError,
  silenceState,
} from "./silence.ts";
import type { SilenceRequest } from "./silences.ts";

/** `/silences` and `/silence/{id}`. */
export function silenceRoutes(app: FastifyInstance, options: ApiOptions): void {
  const { silences, clock } = options;
  app.get("/silences", (request, reply) => {
    const filter = parseFilter(queryList(request, "filter"), options);
    const now = clock.now();
    const states = new Set(["active", "expired", "pending"].filter((state) => queryFlag(request, state)));
    const kept = silences
      .all()
      .filter(
        (silence) => states.has(silenceState(silence, now)) && filter.every((wanted) => contains(silence, wanted)),
      );
    return sendGoJson(
      reply,
      sortSilences(kept, now).map((silence) => describe(silence, now)),
    );
  });
  app.post("/silences", async (request, reply) => {
    const wanted = decodeSilence(jsonBody(request, "silence"));
    const now = clock.now();
    if (wanted.startsAt > wanted.endsAt || wanted.startsAt === wanted.endsAt) {
      throw new HandlerError(400, "Failed to create silence: start time must be before end time");
    }
    if (wanted.endsAt < now) throw new HandlerError(400, "Failed to create silence: end time can't be in the past");
    try {
      const compiled = { ...wanted, matchers: compileMatchers(wanted.matchers) };
      return await sendGoJson(reply, { silenceID: await silences.set(compiled) });
    } catch (error) {
      throw refusal(error);
    }
  });
  app.get<{ Params: { id: string } }>("/silence/:id", (request, reply) => {
    const silence = silences.get(checkId(request.params.id));
    if (silence === undefined) return reply.code(404).send();
    return sendGoJson(reply, describe(silence, clock.now()));
  });
  app.delete<{ Params: { id: string } }>("/silence/:id", async (request, reply) => {
    const found = await silences.expire(checkId(request.params.id)).catch((error: unknown) => {
      throw refusal(error);
    });
    return reply.code(found ? 200 : 404).send();
  });
}

const refusal = (error: unknown): unknown =>
  error instanceof SilenceError ? new HandlerError(error.status, error.message) : error;

function checkId(id: string): string {
  if (/^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(id)) return id;
  throw new ApiFault(422, 601, `silenceID in path must be of type uuid: ${JSON.stringify(id)}`);
}

function parseFilter(texts: readonly string[], { mode }: ApiOptions): Matcher[] {
  try {
    return texts.map((text) => parseMatcher(text, mode));
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error;
    throw new HandlerError(400, error.message);
  }
}

/** Has the silence this very matcher? Filters compare the text, not the meaning. */
const contains = (silence: Silence, wanted: Matcher): boolean =>
  silence.matchers.some((matcher) => matcherKey(matcher) === matcherKey(wanted));

const RANK = { active: 0, pending: 1, expired: 2 } as const;

function sortSilences(silences: readonly Silence[], now: number): Silence[] {
  return [...silences].sort((a, b) => {
    const [x, y] = [silenceState(a, now), silenceState(b, now)];
    if (x !== y) return RANK[x] - RANK[y];
    if (x === "pending") return a.startsAt - b.startsAt;
    return x === "active" ? a.endsAt - b.endsAt : b.endsAt - a.endsAt;
  });
}

const describe = (silence: Silence, now: number): unknown => ({
  id: silence.id,
  status: { state: silenceState(silence, now) },
  updatedAt: printApiTime(silence.updatedAt),
  ...(Object.keys(silence.annotations).length === 0 ? {} : { annotations: silence.annotations }),
  comment: silence.comment,
  createdBy: silence.createdBy,
  endsAt: printApiTime(silence.endsAt),
  matchers: silence.matchers
    .map(fieldsOf)
    .map(({ isEqual, isRegex, name, value }) => ({ isEqual, isRegex, name, value })),
  startsAt: printApiTime(silence.startsAt),
});

type DecodedSilence = Omit<SilenceRequest, "matchers"> & { readonly matchers: readonly MatcherFields[] };

/** Reads the body of POST /silences. Throws ApiFault. */
function decodeSilence(body: unknown): DecodedSilence {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw badBody("silence", "json: cannot unmarshal it into Go value of type models.PostableSilence");
  }
  const fields = body as Record<string, unknown>;
  for (const name of ["comment", "createdBy", "endsAt", "matchers", "startsAt"]) {
    if (fields[name] === undefined || fields[name] === null) throw required(name);
  }
  const { matchers } = fields;
  if (!Array.isArray(matchers)) throw badBody("silence", "json: cannot unmarshal matchers into models.Matchers");
  if (matchers.length === 0) throw new ApiFault(422, 612, "matchers in body should have at least 1 items");
  return {
    id: text(fields["id"] ?? "", "id"),
    comment: text(fields["comment"], "comment"),
    createdBy: text(fields["createdBy"], "createdBy"),
    startsAt: time(fields["startsAt"]),
    endsAt: time(fields["endsAt"]),
    annotations: (fields["annotations"] ?? {}) as Record<string, string>,
    matchers: matchers.map(decodeMatcher),
  };
}

function decodeMatcher(item: unknown, i: number): MatcherFields {
  const fields = (item ?? {}) as Record<string, unknown>;
  for (const name of ["isRegex", "name", "value"])
    if (fields[name] === undefined) throw required(`matchers.${i}.${name}`);
  return {
    name: text(fields["name"], "name"),
    value: text(fields["value"], "value"),
    isRegex: fields["isRegex"] === true,
    isEqual: fields["isEqual"] !== false,
  };
}

function text(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw badBody("silence", `json: cannot unmarshal ${typeof value} into Go struct field .${name} of type string`);
}

function time(value: unknown): number {
  const parsed = typeof value === "string" ? parseApiTime(value) : undefined;
  if (parsed === undefined)
    throw badBody("silence", `parsing time ${JSON.stringify(value)}: cannot parse it as a time`);
  return parsed;
}
