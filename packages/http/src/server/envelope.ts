import { goJson } from "@narthex/model";
import { type Clock, runInTimeSlices, writeJson } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply } from "fastify";
import { ApiError, ERROR_STATUS } from "./api-error.ts";

export { goJson };

/** Result of an API handler. The client gets it as `{"status":"success","data":…}`. */
export interface ApiSuccess {
  readonly data: unknown;
  readonly warnings?: readonly string[] | undefined;
  readonly infos?: readonly string[] | undefined;
}

const MAX_NOTES = 10;

/**
 * Returns at most ten warnings or infos. If there are more, appends a note with the number of the remaining ones.
 * @param omitted number of warnings or infos that are not in the list
 */
export function limitAnnotations(notes: readonly string[], kind: "warning" | "info", omitted = 0): readonly string[] {
  const shown = notes.slice(0, MAX_NOTES);
  const rest = notes.length - shown.length + omitted;
  return rest === 0 ? shown : [...shown, `${rest} more ${kind} annotations omitted`];
}

/**
 * Returns the end of the JSON answer, `,"warnings":[…],"infos":[…]}`.
 * @param omitted numbers of warnings and infos that are not in the lists
 */
export function envelopeTail(
  warnings: readonly string[] = [],
  infos: readonly string[] = [],
  omitted: { readonly warnings: number; readonly infos: number } = { warnings: 0, infos: 0 },
): string {
  let tail = "";
  if (warnings.length > 0) tail += `,"warnings":${goJson(limitAnnotations(warnings, "warning", omitted.warnings))}`;
  if (infos.length > 0) tail += `,"infos":${goJson(limitAnnotations(infos, "info", omitted.infos))}`;
  return `${tail}}`;
}

/** Sends a successful result. Sends status 204 without a body if `data` is null or undefined. */
export function sendSuccess(reply: FastifyReply, success: ApiSuccess): FastifyReply {
  if (success.data === null || success.data === undefined) return reply.code(204).send();
  return sendJson(
    reply,
    `{"status":"success","data":${goJson(success.data)}${envelopeTail(success.warnings, success.infos)}`,
  );
}

/** Length of the texts that are joined before they become bytes, characters. */
const PART_LENGTH = 64 * 1024;

/**
 * Sends a successful result like sendSuccess(), for data that can be long. Its JSON is written in time slices, and its
 * lists can be lazy.
 */
export async function sendSuccessInSlices(reply: FastifyReply, clock: Clock, data: object): Promise<FastifyReply> {
  const parts: Buffer[] = [];
  let text = "";
  const write = (part: string): void => {
    text += part;
    if (text.length < PART_LENGTH) return;
    parts.push(Buffer.from(text));
    text = "";
  };
  await runInTimeSlices(clock, writeJson({ status: "success", data }, write, goJson));
  return sendJson(reply, parts.length === 0 ? text : Buffer.concat([...parts, Buffer.from(text)]));
}

function sendFailure(reply: FastifyReply, error: ApiError): FastifyReply {
  reply.code(ERROR_STATUS[error.type]);
  return sendJson(reply, goJson({ status: "error", errorType: error.type, error: error.message }));
}

/** Sends bytes that are already JSON. */
export const sendJson = (reply: FastifyReply, body: string | Uint8Array): FastifyReply =>
  reply
    .header("content-type", "application/json")
    .serializer((payload: unknown) => payload as string)
    .send(body);

/**
 * Sends the results of a plugin's handlers in Prometheus' JSON format. The handlers return ApiSuccess or throw
 * ApiError.
 */
export function useEnvelope(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ApiError) return sendFailure(reply, error);
    const status = (error as { statusCode?: number }).statusCode;
    const message = error instanceof Error ? error.message : String(error);
    if (status !== undefined && status < 500) return sendFailure(reply, new ApiError("bad_data", message));
    return sendFailure(reply, new ApiError("internal", message));
  });
}
