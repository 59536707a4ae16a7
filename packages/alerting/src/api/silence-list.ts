import { RefusedRequest } from "../refused-request.ts";
import { compileMatchers, type Silence } from "../silences/silence.ts";
import { ApiFault } from "./api-fault.ts";
import { decodeSilence } from "./posted-silence-body.ts";

/** A list of silences is invalid. The message names the silence and the reason. */
export class SilenceListError extends Error {
  override readonly name = "SilenceListError";
}

/**
 * Reads a list of silences as `GET /api/v2/silences` and `amtool silence query -o json` print it. Throws
 * SilenceListError.
 */
export function readSilences(text: string): readonly Silence[] {
  const items = listIn(text);
  return items.map((item, at) => {
    const { id } = (item ?? {}) as { readonly id?: unknown };
    const name = typeof id === "string" && id !== "" ? id : `number ${at + 1}`;
    try {
      const decoded = decodeSilence(JSON.stringify(item));
      if (Number.isNaN(decoded.endsAt)) throw new SilenceListError("endsAt has no time");
      const startsAt = Number.isNaN(decoded.startsAt) ? -Infinity : decoded.startsAt;
      return { ...decoded, id: name, matchers: compileMatchers(decoded.matchers), startsAt, updatedAt: 0 };
    } catch (cause) {
      if (!(cause instanceof ApiFault || cause instanceof RefusedRequest || cause instanceof SilenceListError))
        throw cause;
      throw new SilenceListError(`silence ${name}: ${cause.message}`, { cause });
    }
  });
}

function listIn(text: string): readonly unknown[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw new SilenceListError(`not JSON: ${(cause as Error).message}`, { cause });
  }
  if (!Array.isArray(list))
    throw new SilenceListError("not a list of silences; write it with amtool silence query -o json");
  return list;
}
