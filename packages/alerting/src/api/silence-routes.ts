import { type Matcher, quote } from "@narthex/model";
import { access } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import { jsonText, queryFlag, queryList, sendGoJson } from "./api-exchange.ts";
import type { ApiContext, ApiFeatures } from "./api-context.ts";
import { ApiFault, HandlerError, refusing } from "./api-fault.ts";
import { printApiTime } from "./api-time.ts";
import { type MatcherMode, parseMatcher } from "../matchers/matcher-syntax.ts";
import { MatcherError } from "../matchers/matcher-text.ts";
import { decodeSilence } from "./posted-silence-body.ts";
import { authorOf, isWithinLimit, refuseBeyondLimit } from "./sender.ts";
import { compileMatchers, fieldsOf, matcherKey, type Silence, silenceState } from "../silences/silence.ts";

export function silenceRoutes(app: FastifyInstance, { clock, mode }: ApiContext, { silences }: ApiFeatures): void {
  app.get("/silences", access("read", { series: "limited" }), (request, reply) => {
    const filter = parseFilter(queryList(request, "filter"), mode);
    const now = clock.now();
    const states = new Set(["active", "expired", "pending"].filter((state) => queryFlag(request, state)));
    const kept = silences
      .all()
      .filter(
        (silence) =>
          states.has(silenceState(silence, now)) &&
          filter.every((wanted) => contains(silence, wanted)) &&
          isWithinLimit(request, silence.matchers),
      );
    return sendGoJson(
      reply,
      sortSilences(kept, now).map((silence) => describe(silence, now)),
    );
  });
  app.post("/silences", access("write", { scope: "silence", series: "none", pages: "any" }), async (request, reply) => {
    const wanted = decodeSilence(jsonText(request, "silence"));
    const now = clock.now();
    if (startOrZeroTime(wanted.startsAt) >= startOrZeroTime(wanted.endsAt)) {
      throw new HandlerError(400, "Failed to create silence: start time must be before end time");
    }
    if (wanted.endsAt < now) throw new HandlerError(400, "Failed to create silence: end time can't be in the past");
    return refusing(async () => {
      const compiled = {
        ...wanted,
        createdBy: authorOf(request, wanted.createdBy),
        matchers: compileMatchers(wanted.matchers, mode === "classic" ? "legacy" : "utf8"),
      };
      refuseBeyondLimit(request, compiled.matchers);
      const replaced = silences.get(wanted.id);
      if (replaced !== undefined) refuseBeyondLimit(request, replaced.matchers);
      return sendGoJson(reply, { silenceID: await silences.set(compiled) });
    });
  });
  app.get<{ Params: { id: string } }>("/silence/:id", access("read", { series: "limited" }), (request, reply) => {
    const silence = silences.get(checkId(request));
    if (silence === undefined || !isWithinLimit(request, silence.matchers)) return reply.code(404).send();
    return sendGoJson(reply, describe(silence, clock.now()));
  });
  app.delete<{ Params: { id: string } }>(
    "/silence/:id",
    access("write", { scope: "silence", series: "none", pages: "any" }),
    async (request, reply) => {
      const id = checkId(request);
      const ended = silences.get(id);
      if (ended !== undefined) refuseBeyondLimit(request, ended.matchers);
      const isFound = await refusing(() => silences.expire(id));
      return reply.code(isFound ? 200 : 404).send();
    },
  );
}

/** Returns a start time for sorting silences. Go's zero time (NaN in this program) sorts before all other times. */
const startOrZeroTime = (ms: number): number => (Number.isNaN(ms) ? -Infinity : ms);

/** All forms of a UUID that Go's parser accepts: only digits, with dashes, in braces, as a URN. */
const UUID =
  /^(?:[0-9a-f]{32}|(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}.)$/is;

function checkId({ params: { id }, url }: { readonly params: { readonly id: string }; readonly url: string }): string {
  if (id === "") throw new ApiFault(404, 404, `path ${url.split("?")[0]!} was not found`);
  if (UUID.test(id)) return id;
  throw new ApiFault(422, 601, `silenceID in path must be of type uuid: ${quote(id)}`);
}

function parseFilter(texts: readonly string[], mode: MatcherMode): Matcher[] {
  try {
    return texts.map((text) => parseMatcher(text, mode));
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error;
    throw new HandlerError(400, error.message);
  }
}

/** Reports whether a silence contains a matcher with the same label name, type and value as `wanted`. */
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
