import { access } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import { queryList, sendGoJson } from "./api-exchange.ts";
import { ApiFault, refusing, required } from "./api-fault.ts";
import type { ApiContext, ApiFeatures } from "./api-context.ts";
import { printApiTime } from "./api-time.ts";
import { bodyFields, fieldText, textMap } from "./extension-request.ts";
import { nextOccurrences } from "../silences/occurrences.ts";
import { readInterval, type RecurringSilence } from "../silences/recurring-silence.ts";
import { checkInterval, preview } from "../silences/recurring-silences.ts";
import { authorOf, isWithinLimit, refuseBeyondLimit } from "./sender.ts";
import { compileMatchers, fieldsOf, type MatcherFields } from "../silences/silence.ts";

const PATH = "/narthex/recurring-silences";

/** Adds the routes `/narthex/recurring-silences`, for rules that create silences repeatedly. */
export function recurringSilenceRoutes(
  app: FastifyInstance,
  { clock, mode }: ApiContext,
  { recurringSilences }: ApiFeatures,
): void {
  app.get(PATH, access("read", { series: "limited" }), (request, reply) => {
    const count = countOf(queryList(request, "occurrences").at(-1));
    return sendGoJson(
      reply,
      recurringSilences
        .all()
        .filter(({ matchers }) => isWithinLimit(request, matchers))
        .map((rule) => describe(rule, clock.now(), count)),
    );
  });
  app.get<{ Params: { id: string } }>(`${PATH}/:id`, access("read", { series: "limited" }), (request, reply) => {
    const rule = recurringSilences.get(request.params.id);
    if (rule === undefined || !isWithinLimit(request, rule.matchers)) return reply.code(404).send();
    return sendGoJson(reply, describe(rule, clock.now(), countOf(queryList(request, "occurrences").at(-1))));
  });
  app.post(PATH, access("write", { scope: "silence", series: "none", pages: "any" }), async (request, reply) => {
    const fields = bodyFields(request, "recurringSilence");
    for (const name of ["comment", "createdBy", "matchers", "timeIntervals"]) {
      if (fields[name] === undefined || fields[name] === null) throw required(name);
    }
    return refusing(async () => {
      const matchers = compileMatchers(matcherFields(fields["matchers"]), mode === "classic" ? "legacy" : "utf8");
      refuseBeyondLimit(request, matchers);
      const rule = await recurringSilences.add({
        matchers,
        written: intervals(fields["timeIntervals"]),
        createdBy: authorOf(request, fieldText(fields["createdBy"], "createdBy")),
        comment: fieldText(fields["comment"], "comment"),
        annotations: textMap(fields["annotations"], "annotations"),
      });
      return sendGoJson(reply, describe(rule, clock.now(), countOf(undefined)));
    });
  });
  app.post(`${PATH}/preview`, access("read", { series: "none" }), (request, reply) => {
    const fields = bodyFields(request, "recurringSilence");
    return refusing(async () => {
      const interval = readInterval(intervals(fields["timeIntervals"]));
      checkInterval(interval, clock.now());
      const found = nextOccurrences(interval, clock.now(), countOf(queryList(request, "occurrences").at(-1)));
      return sendGoJson(
        reply,
        found.map(({ startsAt, endsAt }) => ({ startsAt: printApiTime(startsAt), endsAt: printApiTime(endsAt) })),
      );
    });
  });
  app.delete<{ Params: { id: string } }>(
    `${PATH}/:id`,
    access("write", { scope: "silence", series: "none", pages: "any" }),
    async (request, reply) => {
      const rule = recurringSilences.get(request.params.id);
      if (rule !== undefined) refuseBeyondLimit(request, rule.matchers);
      return reply.code((await recurringSilences.end(request.params.id)) ? 200 : 404).send();
    },
  );
}

function countOf(value: string | undefined): number {
  if (value === undefined || value === "") return 3;
  if (/^\d{1,2}$/.test(value)) return Number(value);
  throw new ApiFault(422, 601, `occurrences in query must be of type int64: ${JSON.stringify(value)}`);
}

function intervals(value: unknown): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value as readonly unknown[];
  throw new ApiFault(422, 612, "timeIntervals in body should have at least 1 items");
}

function matcherFields(value: unknown): readonly MatcherFields[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ApiFault(422, 612, "matchers in body should have at least 1 items");
  }
  return value.map((item: unknown, i) => {
    const fields = (item ?? {}) as Record<string, unknown>;
    return {
      name: fieldText(fields["name"], `matchers.${i}.name`),
      value: fieldText(fields["value"], `matchers.${i}.value`),
      isRegex: fields["isRegex"] === true,
      isEqual: fields["isEqual"] !== false,
    };
  });
}

const describe = (rule: RecurringSilence, now: number, count: number): unknown => ({
  id: rule.id,
  matchers: rule.matchers.map(fieldsOf),
  timeIntervals: rule.written,
  createdBy: rule.createdBy,
  comment: rule.comment,
  ...(Object.keys(rule.annotations).length === 0 ? {} : { annotations: rule.annotations }),
  createdAt: printApiTime(rule.createdAt),
  next: preview(rule, now, count).map(({ startsAt, endsAt, silenceId }) => ({
    startsAt: printApiTime(startsAt),
    endsAt: printApiTime(endsAt),
    silenceID: silenceId,
  })),
});
