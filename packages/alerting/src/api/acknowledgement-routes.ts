import { access, limitingMatchers } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Labels, type Matcher, matchesAll } from "@narthex/model";
import { type Acknowledgement, AcknowledgementError } from "../acknowledgements/acknowledgement.ts";
import type { AcknowledgementRequest } from "../acknowledgements/acknowledgements.ts";
import type { ApiContext, ApiFeatures } from "./api-context.ts";
import { queryList, sendGoJson } from "./api-exchange.ts";
import { ApiFault, HandlerError, required } from "./api-fault.ts";
import { printApiTime } from "./api-time.ts";
import { bodyFields, fieldText, readMatchers } from "./extension-request.ts";

interface ByFingerprint {
  readonly Params: { readonly fingerprint: string };
}

const ONE = "/narthex/alerts/:fingerprint/acknowledgement";

/** Adds the routes that show, create and withdraw acknowledgements of alerts. Alertmanager does not have them. */
export function acknowledgementRoutes(
  app: FastifyInstance,
  { mode }: ApiContext,
  { acknowledgements, alerts }: ApiFeatures,
): void {
  const isOwn = (request: FastifyRequest<ByFingerprint>): boolean =>
    isShown(alerts.get(request.params.fingerprint)?.labels, limitingMatchers(request));
  app.get("/narthex/acknowledgements", access("read", { series: "limited" }), (request, reply) => {
    const matchers = [...readMatchers(queryList(request, "filter"), mode), ...limitingMatchers(request)];
    const shown = acknowledgements.inForce().flatMap((each) => {
      const labels = alerts.get(each.fingerprint)?.labels;
      if (!isShown(labels, matchers)) return [];
      const known = labels === undefined ? {} : { labels: labels.toRecord() };
      return [{ fingerprint: each.fingerprint, ...known, ...describeAcknowledgement(each) }];
    });
    return sendGoJson(reply, shown);
  });
  app.post<ByFingerprint>(ONE, access("write", { scope: "silence", series: "none" }), async (request, reply) => {
    const { fingerprint } = request.params;
    if (!isOwn(request)) throw beyondLimit();
    const wanted = readRequest(request);
    const made = await refusing(() => acknowledgements.acknowledge(fingerprint, wanted));
    return sendGoJson(reply, { fingerprint, ...describeAcknowledgement(made) });
  });
  app.delete<ByFingerprint>(ONE, access("write", { scope: "silence", series: "none" }), async (request, reply) => {
    if (!isOwn(request)) throw beyondLimit();
    const isWithdrawn = await refusing(() => acknowledgements.withdraw(request.params.fingerprint));
    return reply.code(isWithdrawn ? 200 : 404).send();
  });
}

/** Reports whether an alert with these labels is shown. Without matchers, every alert is. */
const isShown = (labels: Labels | undefined, matchers: readonly Matcher[]): boolean =>
  matchers.length === 0 || (labels !== undefined && matchesAll(matchers, labels));

const beyondLimit = (): HandlerError =>
  new HandlerError(403, "you may not read the alert, so you cannot acknowledge it");

/** Returns an acknowledgement as the API shows it. */
export const describeAcknowledgement = ({ createdBy, comment, createdAt }: Acknowledgement): object => ({
  createdBy,
  comment,
  createdAt: printApiTime(createdAt),
});

/**
 * Reads who acknowledges an alert, and the comment. A signed-in sender acknowledges under their own name, whatever the
 * body says.
 */
function readRequest(request: FastifyRequest): AcknowledgementRequest {
  const { createdBy, comment, replace } = bodyFields(request, "acknowledgement");
  const { name } = request.principal;
  if (name === "" && (createdBy === undefined || createdBy === null)) throw required("createdBy");
  if (replace !== undefined && typeof replace !== "boolean") {
    throw new ApiFault(422, 601, `replace in body must be of type boolean: ${JSON.stringify(replace)}`);
  }
  return {
    createdBy: name === "" ? fieldText(createdBy, "createdBy") : name,
    comment: comment === undefined || comment === null ? "" : fieldText(comment, "comment"),
    replace: replace === true,
  };
}

async function refusing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AcknowledgementError) throw new HandlerError(error.status, error.message);
    throw error;
  }
}
