import { HandlerError, jsonText, sendPlainJson } from "@narthex/alerting";
import { access } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ReceiverTests } from "../api/receiver-tests.ts";
import { RequestMembers } from "../api/request-members.ts";
import type { TrialState } from "../api/trial-state.ts";
import { FORM_KINDS, isFormKind, type ReceiverForm } from "./receiver-form.ts";
import type { Author, ChangeRequest, ReceiverDraft, ReceiverSetup } from "./receiver-setup.ts";

const PATH = "/narthex/receiver-setup";
/** Maximum length of a request's body in bytes, and of a text in it in characters. */
const [MAX_BYTES, MAX_LENGTH] = [65_536, 2000];

interface SetupRoutesOptions {
  /** Undefined if pages may not change receivers. */
  readonly setup: ReceiverSetup | undefined;
  readonly tests: ReceiverTests;
  readonly trials: () => TrialState;
  /** Path of the configuration file. */
  readonly file: string;
  /** Address of this server for clients. */
  readonly externalUrl: string;
}

/**
 * Serves `/narthex/receiver-setup`, by which pages add, change, test and delete receivers in the configuration file. All
 * its routes need the scope of an admin: a test can send a request to any address that this server reaches.
 */
export const receiverSetupRoutes =
  ({ setup, tests, trials, file, externalUrl }: SetupRoutesOptions): ((app: FastifyInstance) => void) =>
  (app) => {
    const right = { ...access("write", { scope: "admin", pages: "own" }), bodyLimit: MAX_BYTES };
    const opened = (): ReceiverSetup => {
      if (setup === undefined)
        throw new HandlerError(
          404,
          "Pages may not change receivers: start the Alertmanager with --web.enable-receiver-setup",
        );
      return setup;
    };
    const answer = async (reply: FastifyReply, from: ReceiverSetup): Promise<FastifyReply> =>
      sendPlainJson(reply, { isOn: true, ...(await from.state()) });
    app.get(PATH, access("read", { scope: "admin", pages: "own" }), async (_request, reply) => {
      if (setup === undefined) return sendPlainJson(reply, { isOn: false, file });
      try {
        return await answer(reply, setup);
      } catch (error) {
        if (!(error instanceof HandlerError)) throw error;
        return sendPlainJson(reply, { isOn: false, file, reason: error.message });
      }
    });
    app.put(PATH, right, async (request, reply) => {
      const from = opened();
      await from.put(draftOf(request), changeOf(request));
      return answer(reply, from);
    });
    app.delete<{ Querystring: { name?: string | string[] } }>(PATH, right, async (request, reply) => {
      const from = opened();
      await from.remove([request.query.name ?? ""].flat().join(), changeOf(request));
      return answer(reply, from);
    });
    app.post(`${PATH}/test`, right, async (request, reply) => {
      const [from, draft] = [opened(), draftOf(request)];
      const tested = await tests.send(async () => {
        const { receiver, loaded } = await from.trial(draft, authorOf(request));
        const state = { tools: trials().tools, renderer: loaded.renderer, externalUrl };
        return { receiver, contents: { labels: {}, annotations: {} }, state };
      });
      return sendPlainJson(reply, tested);
    });
  };

const authorOf = ({ principal, ip }: FastifyRequest): Author => ({ user: principal.name, address: ip });

/** Returns the conditions of a change: the state of the file that the client has seen, and whether the receiver is new. */
function changeOf(request: FastifyRequest): ChangeRequest {
  const { headers } = request;
  const tag = /^"(\w+)"$/.exec(headers["if-match"] ?? "")?.[1];
  if (tag === undefined) throw new HandlerError(428, "the header If-Match must contain the tag of the receivers");
  return { tag, isNew: headers["if-none-match"] === "*", author: authorOf(request) };
}

function draftOf(request: FastifyRequest): ReceiverDraft {
  const params = RequestMembers.read(jsonText(request, "receiver"), ["name", "form", "secret", "isDefault"]);
  const form = params.get("form");
  const [name, secret] = [textOf("name", params.text("name")), textOf("secret", params.text("secret"))];
  if (name === "") throw new HandlerError(400, "Enter a name.");
  return {
    name,
    secret,
    isDefault: params.flag("isDefault") ?? false,
    form: form === undefined ? undefined : formOf(RequestMembers.of(form, ["kind", "texts", "flags"])),
  };
}

function formOf(params: RequestMembers): ReceiverForm {
  const kind = params.text("kind");
  if (!isFormKind(kind)) throw new HandlerError(400, `kind must be one of ${Object.keys(FORM_KINDS).join(", ")}`);
  const known = FORM_KINDS[kind];
  const texts = RequestMembers.of(params.get("texts") ?? {}, known.texts);
  const flags = RequestMembers.of(params.get("flags") ?? {}, known.flags);
  return {
    kind,
    texts: Object.fromEntries(known.texts.map((name) => [name, textOf(name, texts.text(name))])),
    flags: Object.fromEntries(known.flags.map((name) => [name, flags.flag(name) ?? false])),
  };
}

/** Returns a text of a form. Refuses texts that a field of one line cannot contain. */
function textOf(name: string, text: string): string {
  if (text.length > MAX_LENGTH) throw new HandlerError(400, `${name} has more than ${MAX_LENGTH} characters`);
  if (!text.isWellFormed() || /\p{Cc}/u.test(text)) throw new HandlerError(400, `${name} contains control characters`);
  if (text !== text.trim()) throw new HandlerError(400, `${name} must not begin or end with white space`);
  return text;
}
