import { fingerprint, HandlerError, jsonText, sendPlainJson } from "@narthex/alerting";
import { access } from "@narthex/http";
import { Labels } from "@narthex/model";
import { type ReceiverConfig, sendTest, testNotification, type TestOutcome } from "@narthex/receivers";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { RequestMembers } from "./request-members.ts";
import { receiverNamed, type TrialState } from "./trial-state.ts";

const MEMBERS = ["integration", "index", "labels", "annotations"];

/**
 * Maximum number of receiver tests that run at the same time. A test can take long because it calls an external
 * service.
 */
const MAX_AT_ONCE = 8;

/**
 * Serves `POST /narthex/receivers/{name}/test`, which sends a notification through a configured receiver. The
 * notification is marked as a test.
 */
export const receiverTestRoutes =
  (state: () => TrialState): ((app: FastifyInstance) => void) =>
  (app) => {
    let running = 0;
    app.post<{ Params: { name: string } }>(
      "/narthex/receivers/:name/test",
      access("write", { scope: "admin", pages: "own" }),
      async (request, reply) => {
        const trial = state();
        const receiver = receiverNamed(trial, request.params.name);
        const params = RequestMembers.read(bodyOf(request), MEMBERS);
        const integrations = chosen(receiver, params);
        const contents = { labels: params.texts("labels"), annotations: params.texts("annotations") };
        if (running >= MAX_AT_ONCE) throw new HandlerError(429, `${running} tests are under way, try again later`);
        running++;
        try {
          const { tools, externalUrl } = trial;
          const now = tools.clock.now();
          const fingerprintOf = (labels: Readonly<Record<string, string>>): string => fingerprint(Labels.of(labels));
          const notification = testNotification(receiver.name, contents, { now, externalUrl, fingerprintOf });
          const outcomes = await sendTest(integrations, notification, trial);
          return await sendPlainJson(reply, { receiver: receiver.name, results: outcomes.map(describe) });
        } finally {
          running--;
        }
      },
    );
  };

/** Returns the text of a request's body. A missing body is treated as an empty JSON object. */
const bodyOf = (request: FastifyRequest): string =>
  request.body === undefined || request.body === "" ? "{}" : jsonText(request, "test");

function chosen({ name, integrations }: ReceiverConfig, params: RequestMembers): ReceiverConfig["integrations"] {
  const [kind, index] = [params.text("integration"), params.index("index")];
  const found = integrations.filter(
    (each) => (kind === "" || each.kind.kind === kind) && (index === undefined || each.index === index),
  );
  if (found.length > 0) return found;
  const all = integrations.map((each) => `${each.kind.kind}[${each.index}]`).join(", ");
  throw new HandlerError(
    400,
    `receiver ${JSON.stringify(name)} does not have this integration; it has ${all || "none"}`,
  );
}

const describe = ({ integration, index, outcome, reason, isRetried, durationMs }: TestOutcome): unknown => ({
  integration: { name: integration, index },
  outcome,
  ...(reason === undefined ? {} : { reason }),
  ...(isRetried === undefined ? {} : { retried: isRetried }),
  durationSeconds: Math.round(durationMs) / 1000,
});
